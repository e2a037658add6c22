#include "stages/image/cube.hpp"

#include "nocturne/short_number.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace nocturne {
namespace {

/// Spacings of channels that differ by less are the same.
constexpr double same_spacing = 1e-3;

/// Areas of beams that differ by more are not those of one uv plane at other frequencies.
constexpr double most_spread = 1.5;

Image const* best_of(std::vector<Image> const& images)
{
    for (auto product : {Product::image, Product::dirty})
        for (auto const& image : images)
            if (image.product == product) return &image;
    return nullptr;
}

}  // namespace

/// The PSF's beam, from the rank that fitted it.
Beam CubeMaker::shared_beam(GroupState const& part)
{
    std::vector<std::int64_t> bits(3, 0);
    for (auto const& image : part.images)
        if (image.product == Product::psf)
            bits = {std::bit_cast<std::int64_t>(image.beam.major_rad),
                    std::bit_cast<std::int64_t>(image.beam.minor_rad), std::bit_cast<std::int64_t>(image.beam.pa_rad)};
    part.exchange->sum(bits);
    return {std::bit_cast<double>(bits[0]), std::bit_cast<double>(bits[1]), std::bit_cast<double>(bits[2])};
}

void CubeMaker::add(GroupState& part, GroupState& group)
{
    auto const& freq_hz = part.header.freq_hz;
    Channel channel;
    channel.freq_hz = 0.5 * (freq_hz.front() + freq_hz.back());
    for (double const width : part.header.channel_width_hz) channel.bandwidth_hz += width;
    channel.filled = part.nodes && part.nodes->sum_weight() > 0;
    channel.beam = shared_beam(part);
    int const k = static_cast<int>(channels_.size());
    if (!channel.filled)
        group.notes.push_back("channel " + std::to_string(k) + " of the cube has no visibility and is blank");
    for (auto& image : part.images)
        if (!(image.beam.major_rad > 0)) image.beam = channel.beam;
    if (auto const* const best = best_of(part.images)) {
        auto const n = static_cast<std::size_t>(best->geometry.n_pixels * best->geometry.n_pixels);
        if (!cube_) {
            cube_ = *best;
            cube_->pixels.clear();
            cube_->pixels.reserve(n_channels_ * n);  // growing, it would be there twice
        }
        cube_->pixels.resize(static_cast<std::size_t>(k) * n, std::numeric_limits<float>::quiet_NaN());
        cube_->pixels.insert(cube_->pixels.end(), best->pixels.begin(), best->pixels.end());
        cube_->planes.resize(static_cast<std::size_t>(k));
        cube_->planes.push_back({channel.freq_hz, channel.bandwidth_hz, best->noise_jy, channel.beam, best->plane});
    }
    for (auto& image : part.images) group.planes.push_back({k, std::move(image)});
    for (auto const& note : part.notes) {
        if (std::find(group.notes.begin(), group.notes.end(), note) != group.notes.end()) continue;
        auto const same = std::find_if(notes_.begin(), notes_.end(), [&](auto const& n) { return n.first == note; });
        if (same == notes_.end())
            notes_.emplace_back(note, std::to_string(k));
        else
            same->second += ", " + std::to_string(k);
    }
    channels_.push_back(channel);
}

bool CubeMaker::even() const
{
    for (std::size_t k = 2; k < channels_.size(); ++k) {
        double const first = channels_[1].freq_hz - channels_[0].freq_hz;
        double const here = channels_[k].freq_hz - channels_[k - 1].freq_hz;
        if (std::abs(here - first) > same_spacing * first) return false;
    }
    return true;
}

/// The largest area of a restoring beam over the smallest, but for what the frequency does to them; a taper or a longest
/// baseline in wavelengths keeps the area, so the more even of the two counts.
double CubeMaker::spread_of_beams() const
{
    auto const spread = [&](bool scaled) {
        double least = std::numeric_limits<double>::infinity(), most = 0;
        for (auto const& channel : channels_) {
            double const scale = scaled ? channel.freq_hz : 1;
            double const area = channel.beam.major_rad * channel.beam.minor_rad * scale * scale;
            if (area > 0) least = std::min(least, area), most = std::max(most, area);
        }
        return most > 0 ? most / least : 1;
    };
    return std::min(spread(true), spread(false));
}

/// What was noted of channels and not of the group, once each; and what only all of them show.
void CubeMaker::tell(GroupState& group) const
{
    if (double const spread = spread_of_beams(); cube_ && cube_->product == Product::image && spread > most_spread)
        group.notes.push_back(
            "the area of the restoring beam differs between channels of the cube by a factor of " +
            short_number(std::round(10 * spread) / 10) +
            ", more than their frequencies: in some, sidelobes above half the PSF's peak touch its main lobe (few "
            "baselines); what CLEAN found has its flux with any beam, what it left is measured by the beam's area: "
            "clean deeper, or make fewer, wider channels");
    for (auto const& [note, numbers] : notes_) {
        bool const several = numbers.find(',') != std::string::npos;
        group.notes.push_back((several ? "channels " : "channel ") + numbers + " of the cube: " + note);
    }
}

void CubeMaker::finish(GroupState& group)
{
    tell(group);
    if (!even()) {
        group.notes.push_back(
            "the channels of the cube are not evenly spaced: their images stand one by one, and there "
            "is no file of all");
        return;
    }
    if (!cube_) return;
    auto const n = static_cast<std::size_t>(cube_->geometry.n_pixels * cube_->geometry.n_pixels);
    cube_->pixels.resize(channels_.size() * n, std::numeric_limits<float>::quiet_NaN());
    cube_->planes.resize(channels_.size());
    cube_->bandwidth_hz = 0;
    cube_->plane = {};  // channels have their own
    cube_->freq_hz = 0.5 * (channels_.front().freq_hz + channels_.back().freq_hz);
    for (std::size_t k = 0; k < channels_.size(); ++k) {
        cube_->planes[k].freq_hz = channels_[k].freq_hz;
        cube_->planes[k].bandwidth_hz = channels_[k].bandwidth_hz;
        cube_->bandwidth_hz += channels_[k].bandwidth_hz;
    }
    group.cubes.push_back(std::move(*cube_));
}

}  // namespace nocturne
