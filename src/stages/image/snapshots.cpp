// Pass `image.snapshots`: an image of each integration, and a search for what stands out in one. Enters: nodes of which each belongs to
// one integration. Leaves: candidates on every rank, and the images that hold some where they were made.
//
// What is searched is D(t) = S(t) − the line through S at the two nearest integrations: sources that are steady or drift through the
// beam are gone with their sidelobes, and a burst of one integration is left with its own PSF. A rank images a run of integrations and
// the nearest of its ends, too. Then all look for the highest peaks in rounds: what stands higher than all of its neighbours in time
// is taken out of its S(t), exactly and with all sidelobes, so that its echoes in the neighbours go with it.
#include "kernels/statistics.hpp"
#include "sky/frames.hpp"
#include "stages/image/beam_fit.hpp"
#include "stages/image/make.hpp"
#include "stages/image/snapshot_imager.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <tuple>

namespace nocturne {
namespace {

/// A source that is taken out leaves so much, since its place and flux are known no better.
constexpr double left_share = 0.02;
/// Of CLEAN's model so much may be left in lines between neighbours: it knows places no better than its pixels allow.
constexpr double share_of_model = 2e-4;
constexpr int most_rounds = 40;
/// Integrations so far away may have one in their line.
constexpr std::size_t echo_reach = 2;

class SnapshotPass : public Pass {
public:
    SnapshotPass(ImageSettings const& settings, std::shared_ptr<ImageWork> work)
        : settings_(settings), wish_(settings.snapshots.value()), work_(std::move(work))
    {}
    std::string name() const override { return "image.snapshots"; }
    Scope scope() const override { return Scope::group; }
    std::vector<Field> reads() const override { return {Field::header, Field::nodes}; }
    std::vector<Field> writes() const override { return {}; }
    void run(GroupState& state) override;

private:
    void make_images(GroupState const& state);
    std::vector<LineTerm> line_at(GroupState const& state, std::size_t t) const;
    Top look(GroupState const& state, std::size_t t) const;
    std::vector<Top> all_tops(GroupState const& state);
    double weight(GroupState const& state, std::size_t t, Top const& top) const;
    double spread(GroupState const& state, std::size_t t) const;
    std::vector<std::size_t> standing_out(GroupState const& state, std::vector<Top> const& tops) const;
    std::size_t settle(GroupState const& state, std::vector<Top> const& tops, std::size_t t) const;
    bool take(GroupState& state, std::vector<Top> const& tops, std::vector<std::size_t> const& which);
    void note_candidate(GroupState& state, std::size_t t, Top const& top) const;
    std::vector<double> steady_fluxes(GroupState const& state) const;
    void keep_images(GroupState& state);

    ImageSettings settings_;
    SnapshotSettings wish_;
    std::shared_ptr<ImageWork> work_;
    std::optional<SnapshotImager> imager_;
    std::vector<std::size_t> filled_, own_;  ///< those with weight; of them this rank's
    std::map<std::size_t, std::vector<float>>
        images_;  ///< S(t) without what was taken out, of own and those in their lines
    std::map<std::size_t, std::vector<float>> whole_;  ///< S(t) of those something was taken out of
    std::map<std::size_t, Top> tops_;                  ///< of own
    double beam_pixels_ = 3;                           ///< what is nearer to a candidate belongs to it
};

/// The line through the two nearest integrations at the time of `t`.
std::vector<LineTerm> SnapshotPass::line_at(GroupState const& state, std::size_t t) const
{
    if (wish_.subtract != Subtract::neighbours) return {};
    auto const here = static_cast<std::size_t>(std::lower_bound(filled_.begin(), filled_.end(), t) - filled_.begin());
    std::size_t const n = filled_.size();
    if (n < 3) return n == 2 ? std::vector<LineTerm>{{filled_[1 - here], 1}} : std::vector<LineTerm>{};
    std::size_t const a = filled_[here == 0 ? 1 : here + 1 == n ? n - 2 : here - 1];
    std::size_t const b = filled_[here == 0 ? 2 : here + 1 == n ? n - 3 : here + 1];
    auto const& time = state.header.time_mjd_s;
    double const share = (time[t] - time[a]) / (time[b] - time[a]);
    return {{a, 1 - share}, {b, share}};
}

/// Of a run of integrations and of those in their lines.
void SnapshotPass::make_images(GroupState const& state)
{
    auto const border = [&](int r) {
        return filled_.begin() +
               static_cast<std::ptrdiff_t>(filled_.size()) * r / static_cast<std::ptrdiff_t>(state.share.size);
    };
    own_.assign(border(state.share.rank), border(state.share.rank + 1));
    for (std::size_t const t : own_) {
        state.exchange->pulse("image.snapshots, integration " + std::to_string(t));
        auto const needed = line_at(state, t);
        if (!images_.count(t)) images_[t] = imager_->image(t, work_->snapshots.nodes.y);
        for (auto const& term : needed)
            if (!images_.count(term.integration))
                images_[term.integration] = imager_->image(term.integration, work_->snapshots.nodes.y);
    }
}

/// What is furthest from zero in D(t), and the noise around it.
Top SnapshotPass::look(GroupState const& state, std::size_t t) const
{
    Index const n = wish_.n_pixels;
    auto pixels = images_.at(t);
    for (auto const& term : line_at(state, t)) {
        auto const& other = images_.at(term.integration);
        for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] -= static_cast<float>(term.factor) * other[i];
    }
    auto top = top_of(pixels, n);
    top.noise_jy = measure_statistics(state.device, to_device(state.device, pixels).view(n, n)).robust_noise;
    return top;
}

/// What each rank sees, on all of them.
std::vector<Top> SnapshotPass::all_tops(GroupState const& state)
{
    std::vector<std::int64_t> bits(state.header.time_mjd_s.size() * 4, 0);
    state.exchange->together([&] {
        for (std::size_t const t : own_) {
            auto const [found, fresh] = tops_.try_emplace(t);
            if (fresh) found->second = look(state, t);
            auto const& top = found->second;
            std::size_t at = 4 * t;
            for (double value : {top.x, top.y, top.flux_jy, top.noise_jy})
                bits[at++] = std::bit_cast<std::int64_t>(value);
        }
    });
    state.exchange->sum(bits);
    std::vector<Top> tops(state.header.time_mjd_s.size());
    for (std::size_t t = 0; t < tops.size(); ++t) {
        auto const value = [&](std::size_t k) { return std::bit_cast<double>(bits[4 * t + k]); };
        tops[t] = {value(0), value(1), value(2), value(3)};
    }
    return tops;
}

/// What noise of 1 Jy in each image makes in D(t).
double SnapshotPass::spread(GroupState const& state, std::size_t t) const
{
    double squares = 1;
    for (auto const& term : line_at(state, t)) squares += term.factor * term.factor;
    return std::sqrt(squares);
}

/// The peak in units of spread(): an echo at an end of the group is no higher than its burst, and D(t) is noisier there.
double SnapshotPass::weight(GroupState const& state, std::size_t t, Top const& top) const
{
    return std::abs(top.flux_jy) / spread(state, t);
}

/// Integrations whose peak is above the threshold and weightier than that of any other whose echo it may be; if there are none, the
/// weightiest.
std::vector<std::size_t> SnapshotPass::standing_out(GroupState const& state, std::vector<Top> const& tops) const
{
    std::size_t const reach = wish_.subtract == Subtract::neighbours ? echo_reach : 0, n = filled_.size();
    std::vector<std::size_t> found;
    std::vector<double> weights;
    for (std::size_t const t : filled_) weights.push_back(weight(state, t, tops[t]));
    std::size_t most = n;
    double const least_jy = share_of_model * work_->snapshots.model_jy;
    for (std::size_t i = 0; i < n; ++i) {
        auto const& top = tops[filled_[i]];
        if (!(top.snr() > wish_.detect_sigma) || std::abs(top.flux_jy) < least_jy) continue;
        if (most == n || weights[i] > weights[most]) most = i;
        bool best = true;
        for (std::size_t k = i >= reach ? i - reach : 0; k < std::min(n, i + reach + 1); ++k)
            best &= k == i || weights[k] < weights[i] || (weights[k] == weights[i] && k > i);
        if (best) found.push_back(filled_[i]);
    }
    if (found.empty() && most < n) found.push_back(filled_[most]);
    return found;
}

/// The integration that changed, where `t` stands out. Only at the ends of the group may it be another one, with the opposite sign.
std::size_t SnapshotPass::settle(GroupState const& state, std::vector<Top> const& tops, std::size_t t) const
{
    auto const here = static_cast<std::size_t>(std::lower_bound(filled_.begin(), filled_.end(), t) - filled_.begin());
    std::size_t const n = filled_.size();
    if (wish_.subtract != Subtract::neighbours || n < 2) return t;
    if (n < 4) return tops[t].flux_jy >= 0 ? t : filled_[here == 1 ? 0 : 1];
    bool const front = here < 2;
    if (!front && here + 2 < n) return t;
    auto const place = [&](std::size_t k) { return filled_[front ? k : n - 1 - k]; };
    auto const pixel = static_cast<std::size_t>(std::llround(tops[t].y) * wish_.n_pixels + std::llround(tops[t].x));
    std::vector<std::int64_t> bits(4, 0);
    for (std::size_t k = 0; k < bits.size(); ++k)
        if (std::binary_search(own_.begin(), own_.end(), place(k)))
            bits[k] = std::bit_cast<std::int64_t>(static_cast<double>(images_.at(place(k))[pixel]));
    state.exchange->sum(bits);
    EndSeries series;
    for (std::size_t k = 0; k < bits.size(); ++k) {
        series.time_s[k] = state.header.time_mjd_s[place(k)];
        series.flux_jy[k] = std::bit_cast<double>(bits[k]);
    }
    series.noise_jy = tops[t].noise_jy / spread(state, t);
    auto const& stokes = settings_.select.stokes;
    bool const brightens = stokes != "Q" && stokes != "U" && stokes != "V";
    return place(static_cast<std::size_t>(changed_at_end(series, brightens)));
}

void SnapshotPass::note_candidate(GroupState& state, std::size_t t, Top const& top) const
{
    auto const here = static_cast<std::int64_t>(t);
    for (auto const& known : state.candidates) {
        bool const same =
            known.integration == here && std::hypot(known.x_pix - top.x, known.y_pix - top.y) < beam_pixels_;
        bool const left_over = std::abs(known.integration - here) <= static_cast<std::int64_t>(echo_reach) &&
                               std::abs(top.flux_jy) < left_share * std::abs(known.flux_jy);
        if (same || left_over) return;
    }
    double const middle = static_cast<double>(wish_.n_pixels / 2);
    Candidate one;
    one.integration = static_cast<std::int64_t>(t);
    one.time_mjd_s = state.header.time_mjd_s[t];
    one.at = direction_at((middle - top.x) * wish_.cell_rad, (top.y - middle) * wish_.cell_rad, state.centre);
    one.x_pix = top.x, one.y_pix = top.y;
    one.flux_jy = top.flux_jy, one.noise_jy = top.noise_jy;
    state.candidates.push_back(one);
}

/// Takes what stands out from the images that this rank has, and notes it.
bool SnapshotPass::take(GroupState& state, std::vector<Top> const& tops, std::vector<std::size_t> const& which)
{
    if (which.empty()) return false;
    for (std::size_t const t : which) note_candidate(state, t, tops[t]);
    state.exchange->together([&] {
        for (std::size_t const t : which) {
            auto const held = images_.find(t);
            if (held == images_.end()) continue;
            whole_.try_emplace(t, held->second);
            auto const source = imager_->source(t, tops[t]);
            auto const flux = static_cast<float>(tops[t].flux_jy);
            for (std::size_t i = 0; i < source.size(); ++i) held->second[i] -= flux * source[i];
            std::erase_if(tops_, [&](auto const& entry) {
                auto const line = line_at(state, entry.first);
                return entry.first == t || std::any_of(line.begin(), line.end(),
                                                       [&](LineTerm const& term) { return term.integration == t; });
            });
        }
    });
    return true;
}

/// What stands at each candidate's place in the line of its integration, what was taken out of all integrations with it.
std::vector<double> SnapshotPass::steady_fluxes(GroupState const& state) const
{
    auto const& values = work_->snapshots.with_model();
    std::vector<double> fluxes;
    for (auto const& one : state.candidates) {
        double flux = 0;
        for (auto const& term : line_at(state, static_cast<std::size_t>(one.integration)))
            flux += term.factor * imager_->value(term.integration, values, one);
        fluxes.push_back(flux);
    }
    return fluxes;
}

/// Images of own integrations that hold a candidate, as they were before it was taken out.
void SnapshotPass::keep_images(GroupState& state)
{
    for (std::size_t const t : own_) {
        auto const held = std::find_if(state.candidates.begin(), state.candidates.end(), [&](Candidate const& c) {
            return c.integration == static_cast<std::int64_t>(t);
        });
        if (held == state.candidates.end()) continue;
        auto image = describe_image(Product::dirty, state, settings_);
        image.geometry = wish_.geometry(state.centre);
        image.mid_time_mjd_s = state.header.time_mjd_s[t];
        image.duration_s = t < state.header.integration_s.size() ? state.header.integration_s[t] : 0;
        image.sum_weight = imager_->sum_weight(t);
        image.plane = imager_->plane(t);
        image.noise_jy = held->noise_jy;
        auto const psf = imager_->image(t, work_->snapshots.nodes.psf);
        image.beam = fit_beam(make_view(psf.data(), wish_.n_pixels, wish_.n_pixels), wish_.cell_rad);
        image.pixels =
            settings_.clean.unseen ? imager_->image(t, work_->snapshots.with_model()) : std::move(whole_.at(t));
        state.snapshots.push_back({held->integration, std::move(image)});
    }
}

void SnapshotPass::run(GroupState& state)
{
    auto& nodes = work_->snapshots.nodes;
    state.exchange->merge(nodes.y);
    state.exchange->merge(nodes.psf);
    if (!work_->snapshots.y_with_model.empty()) state.exchange->merge(work_->snapshots.y_with_model);
    state.candidates.clear();
    state.exchange->together([&] {
        imager_.emplace(state, settings_, work_->snapshots);
        filled_ = imager_->filled();
        beam_pixels_ = imager_->beam_pixels();
        make_images(state);
    });
    int round = 0;
    for (bool more = true; more && round < most_rounds; ++round) {
        auto const tops = all_tops(state);
        auto which = standing_out(state, tops);
        for (std::size_t& t : which) t = settle(state, tops, t);
        more = take(state, tops, which);
    }
    if (round == most_rounds)
        state.notes.push_back("the search of single integrations was ended with candidates left: more than " +
                              std::to_string(state.candidates.size()) + " stand out");
    std::sort(state.candidates.begin(), state.candidates.end(), [](Candidate const& a, Candidate const& b) {
        return std::tuple(a.integration, -a.snr(), a.y_pix, a.x_pix) <
               std::tuple(b.integration, -b.snr(), b.y_pix, b.x_pix);
    });
    state.snapshots_searched = static_cast<Index>(filled_.size());
    if (wish_.subtract != Subtract::none)
        for (auto& note : amplitude_notes(state.candidates, steady_fluxes(state)))
            state.notes.push_back(std::move(note));
    state.exchange->together([&] { keep_images(state); });
    images_.clear(), whole_.clear(), tops_.clear(), imager_.reset();
    work_->snapshots = {};
}

}  // namespace

std::unique_ptr<Pass> make_snapshot_pass(ImageSettings const& settings, std::shared_ptr<ImageWork> work)
{
    return std::make_unique<SnapshotPass>(settings, std::move(work));
}

}  // namespace nocturne
