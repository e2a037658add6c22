#include "stages/apply/jones_corrector.hpp"

#include "stages/apply/solution_axes.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

using Complex = std::complex<double>;

/// One interval of one table.
struct SolvedMoment {
    CalTable const* table;
    std::size_t interval;
};

std::vector<SolvedMoment> moments_of(std::vector<CalTable> const& tables)
{
    std::vector<SolvedMoment> moments;
    for (auto const& table : tables)
        for (std::size_t i = 0; i < table.intervals.size(); ++i) moments.push_back({&table, i});
    return moments;
}

double away_s(SolvedMoment const& moment, double time_mjd_s)
{
    return std::abs(moment.table->intervals[moment.interval].time_mjd_s - time_mjd_s);
}

/// The table's channel that holds the frequency; −1: none.
Index channel_of(CalTable const& table, double freq_hz)
{
    for (std::size_t c = 0; c < table.freq_hz.size(); ++c)
        if (std::abs(table.freq_hz[c] - freq_hz) <= (0.5 + 1e-6) * table.channel_width_hz[c])
            return static_cast<Index>(c);
    return -1;
}

/// J⁻¹ by rows; 0 where flagged or singular.
void add_inverse(SolvedMoment const& moment, Index antenna, Index channel, std::vector<Vis>& to)
{
    Complex j[4] = {};
    bool good = antenna >= 0 && channel >= 0;
    for (std::size_t e = 0; good && e < 4; ++e) {
        auto const k =
            moment.table->at(moment.interval, static_cast<std::size_t>(antenna), e, static_cast<std::size_t>(channel));
        good = !moment.table->flag[k];
        j[e] = moment.table->gain[k];
    }
    Complex const det = j[0] * j[3] - j[1] * j[2];
    if (!(std::abs(det) > 0)) good = false;
    for (auto e : {j[3], -j[1], -j[2], j[0]}) {
        Complex const value = good ? e / det : 0;
        to.push_back({static_cast<float>(value.real()), static_cast<float>(value.imag())});
    }
}

}  // namespace

bool are_jones(std::vector<CalTable> const& tables)
{
    auto const n =
        std::count_if(tables.begin(), tables.end(), [](CalTable const& t) { return t.kind == CalKind::jones; });
    if (n != 0 && n != std::ssize(tables))
        throw Error(Code::bad_config, "Jones matrices stand beside gains of other kinds", "their order would matter",
                    "apply one file of Jones matrices alone");
    return n != 0;
}

JonesCorrector::JonesCorrector(GroupState const& state)
{
    auto const& header = state.header;
    n_antennas_ = std::ssize(header.antennas);
    n_channels_ = std::ssize(header.freq_hz);
    auto const& wanted = state.solutions.front().correlations;
    for (std::size_t e = 0; e < 4; ++e) {
        auto const at = wanted.size() == 4
                            ? std::find(header.correlations.begin(), header.correlations.end(), wanted[e])
                            : header.correlations.end();
        if (at == header.correlations.end() || header.correlations.size() != 4)
            throw Error(Code::bad_input, "cannot correct group " + header.group_id + " by Jones matrices",
                        "it has not the four correlations that they were solved for", "solve for K, B and G");
        element_[e] = static_cast<std::int32_t>(at - header.correlations.begin());
    }
    fill(state);
    std::vector<GainPair> pairs;
    for (auto const& b : header.baselines) pairs.push_back({b.ant1, b.ant2});
    pairs_ = to_device(state.device, pairs);
}

void JonesCorrector::fill(GroupState const& state)
{
    auto const& header = state.header;
    auto const moments = moments_of(state.solutions);
    std::vector<std::int32_t> slot, slot_of(moments.size(), -1);
    std::vector<Vis> inverse;
    for (double time : header.time_mjd_s) {
        auto const nearest = std::min_element(moments.begin(), moments.end(), [&](auto const& a, auto const& b) {
            return away_s(a, time) < away_s(b, time);
        });
        auto& known = slot_of[static_cast<std::size_t>(nearest - moments.begin())];
        if (known < 0) {
            known = static_cast<std::int32_t>(n_slots_++);
            std::vector<Index> channels;
            for (double f : header.freq_hz) channels.push_back(channel_of(*nearest->table, f));
            for (auto antenna : match_antennas(*nearest->table, header))
                for (auto channel : channels) add_inverse(*nearest, antenna, channel, inverse);
        }
        slot.push_back(known);
    }
    for (std::size_t k = 0; k < inverse.size(); k += 4)
        whole_ = whole_ && std::any_of(&inverse[k], &inverse[k] + 4, [](Vis v) { return v.re != 0 || v.im != 0; });
    inverse_ = to_device(state.device, inverse);
    slot_ = to_device(state.device, slot);
}

void JonesCorrector::run(ApplyJonesArgs args, Index first_baseline, Device const& device) const
{
    std::copy_n(element_, 4, args.element);
    args.pairs = pairs_.view(pairs_.size()).slice(0, first_baseline, args.vis.extent[1]);
    args.slot = slot_.view(slot_.size());
    args.inverse = inverse_.view(n_slots_, n_antennas_, n_channels_, Index(4));
    nocturne::run(device, args);
}

}  // namespace nocturne
