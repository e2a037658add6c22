#include "io/ms_cells.hpp"

#include "nocturne/check.hpp"

#include <algorithm>
#include <cstring>

namespace nocturne {
namespace {

constexpr std::uint8_t counted_reasons = static_cast<std::uint8_t>(~flag_auto);

/// Bytes 0 or not of a word to eight bits, least significant first (little-endian).
std::uint8_t gather(std::uint64_t bytes)
{
    constexpr std::uint64_t low = 0x7f7f7f7f7f7f7f7fULL;
    std::uint64_t const set = ((((bytes & low) + low) | bytes) >> 7) & 0x0101010101010101ULL;
    return static_cast<std::uint8_t>((set * 0x0102040810204080ULL) >> 56);
}

}  // namespace

void pack_bits(std::uint8_t const* bytes, Index n, std::uint8_t mask, std::uint8_t* bits)
{
    std::uint64_t const masks = 0x0101010101010101ULL * mask;
    Index i = 0;
    for (; i + 8 <= n; i += 8) {
        std::uint64_t word;
        std::memcpy(&word, bytes + i, sizeof word);
        *bits++ = gather(word & masks);
    }
    if (i == n) return;
    *bits = 0;
    for (int bit = 0; i < n; ++i, ++bit)
        if (bytes[i] & mask) *bits = static_cast<std::uint8_t>(*bits | 1 << bit);
}

CellMaker::CellMaker(MsCorrelationPlan const& plan)
    : source_(plan.source), corr_type_(plan.corr_type), filled_(plan.filled)
{
    straight_ = true;
    for (std::size_t p = 0; p < source_.size(); ++p) straight_ = straight_ && source_[p] == static_cast<int>(p);
}

bool CellMaker::anything_missing(RowIn const& in) const
{
    unsigned any = 0;
    for (Index i = 0; i < in.n_channels * in.n_in; ++i) any |= in.flag[i];
    return (any & flag_missing) != 0;
}

void CellMaker::data(RowIn const& in, Vis* out) const
{
    if (straight_) {
        for (Index i = 0; i < in.n_channels * in.n_in; ++i) out[i] = {in.vis[i].re, -in.vis[i].im};
        if (anything_missing(in))
            for (Index i = 0; i < in.n_channels * in.n_in; ++i)
                if (in.flag[i] & flag_missing) out[i] = {};
        return;
    }
    for (Index c = 0; c < in.n_channels; ++c)
        for (int const p : source_) {
            Index const i = c * in.n_in + p;
            bool const there = p >= 0 && (in.flag[i] & flag_missing) == 0;
            *out++ = there ? Vis{in.vis[i].re, -in.vis[i].im} : Vis{};
        }
}

void CellMaker::flags(RowIn const& in, std::uint8_t* out) const
{
    if (straight_ && !(filled_ && anything_missing(in)))
        return pack_bits(in.flag, in.n_channels * in.n_in, counted_reasons, out);
    Index const n = in.n_channels * n_out();
    std::memset(out, 0, static_cast<std::size_t>((n + 7) / 8));
    Index at = 0;
    for (Index c = 0; c < in.n_channels; ++c) {
        auto const* const flag = in.flag + c * in.n_in;
        auto const absent = [&](int p) { return p < 0 || (filled_ && (flag[p] & flag_missing)); };
        unsigned any = 0;
        Index there = 0;
        for (int p = 0; p < in.n_in; ++p)
            if (!absent(p)) {
                any |= flag[p];
                ++there;
            }
        bool const others = there == 0 || (any & counted_reasons) != 0;
        for (int const p : source_) {
            bool const flagged = absent(p) ? others : (flag[p] & counted_reasons) != 0;
            out[at / 8] = static_cast<std::uint8_t>(out[at / 8] | (flagged ? 1 << at % 8 : 0));
            ++at;
        }
    }
}

void CellMaker::weights(RowIn const& in, float* out) const
{
    bool const missing = anything_missing(in);
    for (Index c = 0; c < in.n_channels; ++c)
        for (int const p : source_) {
            bool const there = p >= 0 && !(missing && (in.flag[c * in.n_in + p] & flag_missing));
            *out++ = there ? in.weight[c * in.weight_channel_stride + p * in.weight_correlation_stride] : 0;
        }
}

void CellMaker::medians(RowIn const& in, float const* weights, float* out)
{
    Index const np = n_out();
    for (Index p = 0; p < np; ++p) {
        int const from = source_[static_cast<std::size_t>(p)];
        column_.clear();
        for (Index c = 0; from >= 0 && c < in.n_channels; ++c)
            if ((in.flag[c * in.n_in + from] & flag_missing) == 0) column_.push_back(weights[c * np + p]);
        out[p] = column_.empty() ? 0 : column_.front();
        if (std::all_of(column_.begin(), column_.end(), [&](float w) { return w == column_.front(); })) continue;
        auto const middle = column_.begin() + std::ssize(column_) / 2;
        std::nth_element(column_.begin(), middle, column_.end());
        out[p] = column_.size() % 2 ? *middle : 0.5F * (*middle + *std::max_element(column_.begin(), middle));
    }
}

void CellMaker::unit_model(Index n_channels, Vis* out) const
{
    for (Index c = 0; c < n_channels; ++c)
        for (int const code : corr_type_) {
            bool const parallel = code == 1 || code == 5 || code == 8 || code == 9 || code == 12;  // I RR LL XX YY
            *out++ = {parallel ? 1.0F : 0.0F, 0};
        }
}

RowTurner::RowTurner(std::vector<Correlation> const& given, std::vector<Correlation> const& wanted)
    : same_hands_(given == wanted)
{
    for (auto const correlation : wanted) {
        straight_.push_back(place_of(correlation, given));
        turned_.push_back(place_of(antennas_exchanged(correlation), given));
    }
}

RowIn RowTurner::turn(RowIn const& in, std::vector<std::int32_t> const& channel, bool turned)
{
    auto const& places = turned ? turned_ : straight_;
    Index const n_out = std::ssize(places);
    auto const n = static_cast<std::size_t>(in.n_channels * n_out);
    vis_.resize(n);
    flag_.resize(n);
    weight_.resize(n);
    NOCT_CHECK(std::count(places.begin(), places.end(), -1) == 0, "a kept row has a correlation that the group lacks");
    std::size_t to = 0;
    for (Index c = 0; c < in.n_channels; ++c)
        for (Index p = 0; p < n_out; ++p, ++to) {
            Index const from = channel.empty() ? c : channel[static_cast<std::size_t>(c)];
            Index const q = places[static_cast<std::size_t>(p)];
            auto const& v = in.vis[from * in.n_in + q];
            vis_[to] = {v.re, turned ? -v.im : v.im};
            flag_[to] = in.flag[from * in.n_in + q];
            weight_[to] = in.weight[from * in.weight_channel_stride + q * in.weight_correlation_stride];
        }
    return {vis_.data(), flag_.data(), weight_.data(), n_out, 1, in.n_channels, n_out};
}

}  // namespace nocturne
