#include "stages/image/auto_cell.hpp"

#include "nocturne/short_number.hpp"
#include "nocturne/units.hpp"
#include "stages/image/stand_in.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

constexpr double least_rad = 0.1 * arcsec_rad, most_rad = 60 * arcsec_rad, share_of_fringe = 0.1;

/// Made by the first pass to be prepared, used by all.
struct Late {
    ImageSettings settings;
    std::function<Passes(ImageSettings const&)> maker;
    Passes passes;
};

class LatePass : public StandInPass {
public:
    LatePass(std::shared_ptr<Late> late, Pass const& like, std::size_t k)
        : StandInPass(like), late_(std::move(late)), k_(k)
    {}
    void prepare(GroupState& state) override
    {
        if (k_ == 0) {
            late_->settings.cell_rad = auto_cell_rad(state);
            check_pixels(late_->settings);
            late_->passes = late_->maker(late_->settings);
            state.notes.push_back("cell auto: pixels of " + short_number(late_->settings.cell_rad / arcsec_rad) +
                                  " arcsec");
        }
        late_->passes[k_]->prepare(state);
    }
    void run(VisBlock& block, GroupState& state) override { late_->passes[k_]->run(block, state); }
    void run(GroupState& state) override { late_->passes[k_]->run(state); }

private:
    std::shared_ptr<Late> late_;
    std::size_t k_;
};

}  // namespace

double auto_cell_rad(GroupState const& state)
{
    auto const& header = state.header;
    double longest_m = 0;
    for (std::size_t row = 0; 3 * row < state.uvw_m.size(); ++row) {
        auto const& baseline = header.baselines[row % header.baselines.size()];
        if (baseline.ant1 == baseline.ant2) continue;
        longest_m = std::max({longest_m, std::abs(state.uvw_m[3 * row]), std::abs(state.uvw_m[3 * row + 1])});
    }
    if (!(longest_m > 0) || header.freq_hz.empty())
        throw Error(Code::bad_input, "cell auto: no pixels can be chosen for group " + header.group_id,
                    "it has no baseline of two antennas", "say a size with cell");
    double const middle_hz = 0.5 * (header.freq_hz.front() + header.freq_hz.back());
    return std::clamp(share_of_fringe * speed_of_light_m_s / middle_hz / longest_m, least_rad, most_rad);
}

Passes make_auto_cell_passes(ImageSettings const& like, std::function<Passes(ImageSettings const&)> const& maker)
{
    auto const late = std::make_shared<Late>(Late{like, maker, {}});
    Passes passes;
    auto const prototypes = maker(like);
    for (std::size_t k = 0; k < prototypes.size(); ++k)
        passes.push_back(std::make_unique<LatePass>(late, *prototypes[k], k));
    return passes;
}

}  // namespace nocturne
