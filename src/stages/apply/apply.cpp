// Stage `apply`: corrects visibilities by GroupState::solutions. Enters: vis as measured, tables. Leaves: vis of the sky, weights scaled by
// |g1 g2|², samples without a solution flagged and counted so; vis and weights as they were, where a Measurement Set is written.
#include "kernels/apply_gains.hpp"
#include "kernels/tally.hpp"
#include "nocturne/correlation.hpp"
#include "nocturne/present_channels.hpp"
#include "nocturne/short_number.hpp"
#include "nocturne/stage.hpp"
#include "stages/apply/factors.hpp"
#include "stages/apply/jones_corrector.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace nocturne {
namespace apply_stage {

Vis inverse(std::complex<float> g)
{
    float const square = std::norm(g);
    if (!(square > 0)) return {};
    return {g.real() / square, -g.imag() / square};
}

/// Whether the brightest source of a model, its first, is a standard that flux scales rest on (Perley & Butler 2017, table 1).
bool is_flux_standard(std::string const& model)
{
    constexpr char const* standards[] = {"3C48",  "0137+331", "3C138", "0521+166", "3C147", "0542+498",
                                         "3C286", "1331+305", "3C196", "0813+482", "3C295", "1411+522"};
    return std::any_of(std::begin(standards), std::end(standards),
                       [&](std::string const& name) { return model.rfind(name + " ", 0) == 0; });
}

enum class Origin {
    job,     ///< a task before this one makes the solutions
    driver,  ///< the driver brings them: from files or from the registry
};

/// 1/g in the two factors of GainFactors, for the hands of one side of the baselines.
struct Inverses {
    std::vector<Vis> band, drift;
    bool whole = true;  ///< nothing is missing
};

Inverses inverses(GainFactors const& factors)
{
    Inverses made;
    auto const invert = [&](std::vector<std::complex<float>> const& gains, std::vector<Vis>& to) {
        to.reserve(gains.size());
        for (auto const g : gains) {
            auto const& h = to.emplace_back(inverse(g));
            made.whole = made.whole && h.re * h.re + h.im * h.im > 0;
        }
    };
    invert(factors.band, made.band);
    invert(factors.drift, made.drift);
    return made;
}

class ApplyPass : public Pass {
public:
    ApplyPass(FreqInterpolation frequencies, Origin origin) : frequencies_(frequencies), origin_(origin) {}
    std::string name() const override { return "apply"; }
    Scope scope() const override { return Scope::block; }
    std::vector<Field> reads() const override
    {
        std::vector<Field> fields{Field::header, Field::vis, Field::flag, Field::weight};
        if (origin_ == Origin::job) fields.push_back(Field::solutions);
        return fields;
    }
    std::vector<Field> writes() const override { return {Field::vis, Field::flag, Field::weight, Field::counts}; }

    void prepare(GroupState&) override
    {
        begun_ = false;
        jones_.reset();
        weights_.clear();
    }

    void run(VisBlock& block, GroupState& state) override;

private:
    /// At the first block: tables may have been solved for by the job itself.
    void begin(GroupState& state);
    void upload(GroupState& state);
    ApplyGainsArgs factors(VisBlock const& block, View<float, 4> scaled) const;
    Index used(VisBlock const& block, GroupState& state);

    FreqInterpolation frequencies_;
    Origin origin_;
    bool begun_ = false, whole_ = true;
    Index n_slots_ = 1, n_antennas_ = 0;
    Buffer<GainPair> pairs_;
    Buffer<std::int32_t> slot_, count_;
    Buffer<Vis> band_[2], drift_[2];  ///< of antenna one, and of antenna two where hands are crossed
    Buffer<Vis> raw_;
    std::optional<JonesCorrector> jones_;
    std::map<void const*, Buffer<float>> weights_;  ///< by the memory of the block's visibilities
};

void ApplyPass::begin(GroupState& state)
{
    begun_ = true;
    if (state.solutions.empty())
        throw Error(Code::bad_config, "there are no solutions to apply to group " + state.header.group_id,
                    "no task before apply made or read any",
                    "put the task solve before apply, or name a file of solutions");
    if (origin_ == Origin::job) {
        CalibrationUse use;
        use.provenance = is_flux_standard(state.solutions.front().model) ? CalProvenance::primary_transit_generated
                                                                         : CalProvenance::bright_fallback_generated;
        use.method = "nearest";
        state.calibration = use;
    }
    if (are_jones(state.solutions)) {
        jones_.emplace(state);
        whole_ = jones_->whole();
        return;
    }
    upload(state);
}

/// Channels that the group has, and no antenna a solution for.
Index unsolved_channels(GroupHeader const& header, GainFactors const& made)
{
    std::vector<std::uint8_t> solved(header.freq_hz.size(), 0);
    auto const np = static_cast<std::size_t>(made.n_correlations);
    for (std::size_t k = 0; k < made.band.size(); ++k)
        if (made.band[k] != 0.0F) solved[k / np % solved.size()] = 1;
    auto const present = present_channels(header);
    return std::count_if(present.begin(), present.end(), [&](std::size_t c) { return solved[c] == 0; });
}

std::string numbers_of(GroupHeader const& header, std::set<std::size_t> const& antennas)
{
    std::string names;
    for (auto const antenna : antennas)
        names += (names.empty() ? "" : ", ") + std::to_string(header.antennas[antenna].number);
    return names;
}

/// Numbers of antennas that have baselines and not one solution; "" where all have some.
std::string unsolved_antennas(GroupHeader const& header, GainFactors const& made)
{
    std::size_t const na = header.antennas.size(), row = header.freq_hz.size() * header.correlations.size(),
                      slot = na * row;
    auto const solved = [&](std::size_t antenna) {
        for (Index t = 0; t < made.n_slots; ++t) {
            auto const first =
                made.band.begin() + static_cast<Index>(static_cast<std::size_t>(t) * slot + antenna * row);
            if (std::any_of(first, first + static_cast<Index>(row), [](std::complex<float> g) { return g != 0.0F; }))
                return true;
        }
        return false;
    };
    std::set<std::int32_t> used;
    for (auto const& b : header.baselines) used.insert({b.ant1, b.ant2});
    std::set<std::size_t> lacking;
    for (auto const antenna : used)
        if (auto const at = static_cast<std::size_t>(antenna); !solved(at)) lacking.insert(at);
    return numbers_of(header, lacking);
}

bool has_cross_hands(GroupHeader const& header)
{
    return std::any_of(header.correlations.begin(), header.correlations.end(),
                       [](Correlation c) { return antennas_exchanged(c) != c; });
}

/// What the solutions leave open.
void note_doubts(GainFactors const& factors, GroupState& state)
{
    constexpr double least_agreement = 0.5;
    if (auto const names = unsolved_antennas(state.header, factors); !names.empty())
        state.notes.push_back("antennas (by number) without a solution, all of whose samples are flagged: " + names);
    if (Index const lost = unsolved_channels(state.header, factors); lost > 0)
        state.notes.push_back(std::to_string(lost) + " channels are without a solution, and flagged");
    auto const& doubts = factors.doubts;
    if (doubts.agreement < least_agreement)
        state.notes.push_back(
            "between two sets the antennas turned too differently to say which way (their mean turn has the length " +
            short_number(doubts.agreement) + "): the phases in between are a guess; calibrate more often");
    if (doubts.strays > 0)
        state.notes.push_back(
            "which way " + std::to_string(doubts.strays) +
            " solutions (of an antenna, hand and channel each) turned from one time to the next nobody "
            "can say, as they stray from the other channels: they are flagged in between");
    if (!doubts.unclear.empty())
        state.notes.push_back(
            "antennas (by number) whose channels turned too differently to follow a delay, so that "
            "the phases in between are a guess: " +
            numbers_of(state.header, doubts.unclear));
}

void ApplyPass::upload(GroupState& state)
{
    auto const& header = state.header;
    n_antennas_ = std::ssize(header.antennas);
    auto const sets = solution_sets(state.solutions, header.group_id);
    for (auto side : {AntennaSide::one, AntennaSide::two}) {
        if (side == AntennaSide::two && !has_cross_hands(header)) break;
        auto const factors = gain_factors(sets, {header, frequencies_, side});
        auto const made = inverses(factors);
        band_[static_cast<int>(side)] = to_device(state.device, made.band);
        drift_[static_cast<int>(side)] = to_device(state.device, made.drift);
        n_slots_ = factors.n_slots;
        slot_ = to_device(state.device, factors.slot);
        if (side == AntennaSide::one) note_doubts(factors, state);
        whole_ = (side == AntennaSide::one || whole_) && made.whole;
    }
    std::vector<GainPair> pairs;
    for (auto const& b : header.baselines) pairs.push_back({b.ant1, b.ant2});
    pairs_ = to_device(state.device, pairs);
}

/// Samples of the block that are not flagged.
Index ApplyPass::used(VisBlock const& block, GroupState& state)
{
    Index const rows = block.n_integrations() * block.n_baselines();
    if (count_.size() < rows * TallyArgs::kinds) count_ = Buffer<std::int32_t>(state.device, rows * TallyArgs::kinds);
    nocturne::run(state.device,
                  TallyArgs{block.flag, count_.view(block.n_integrations(), block.n_baselines(), TallyArgs::kinds)});
    auto const host = count_.to_host();
    Index sum = 0;
    for (Index row = 0; row < rows; ++row) sum += host[static_cast<std::size_t>(row * TallyArgs::kinds)];
    return sum;
}

/// The kernel's arguments for K, B and G.
ApplyGainsArgs ApplyPass::factors(VisBlock const& block, View<float, 4> scaled) const
{
    Index const nt = block.n_integrations(), nb = block.n_baselines(), nc = block.n_channels(),
                np = block.n_correlations();
    int const two = band_[1].size() > 0 ? 1 : 0;
    auto const band = [&](int side) { return band_[side].view(n_slots_, n_antennas_, nc, np); };
    auto const drift = [&](int side) { return drift_[side].view(nt, n_antennas_, np); };
    return {block.vis,
            block.flag,
            block.weight,
            scaled,
            pairs_.view(pairs_.size()).slice(0, block.first_baseline, nb),
            slot_.view(nt),
            band(0),
            drift(0),
            band(two),
            drift(two),
            block.raw_vis};
}

void ApplyPass::run(VisBlock& block, GroupState& state)
{
    if (!begun_) begin(state);
    Index const nt = block.n_integrations(), nb = block.n_baselines(), nc = block.n_channels(),
                np = block.n_correlations(), n = nt * nb * nc * np;
    // What stands where a block stood before has taken its place, and may take its weights'.
    auto& weight = weights_[block.vis.data];
    if (weight.size() < n) weight = Buffer<float>(state.device, n);
    auto const scaled = weight.view(nt, nb, nc, np);
    if (state.write_block) {
        if (raw_.size() < n) raw_ = Buffer<Vis>(state.device, n);
        block.raw_vis = raw_.view(nt, nb, nc, np);
        block.raw_weight = block.weight;
    }
    bool const counts = !whole_ && state.counts.total() > 0;  // else the flagger comes later, and counts them itself
    Index const before = counts ? used(block, state) : 0;
    if (jones_)
        jones_->run({block.vis, block.flag, block.weight, scaled, {0, 0, 0, 0}, {}, {}, {}, block.raw_vis},
                    block.first_baseline, state.device);
    else
        nocturne::run(state.device, factors(block, scaled));
    block.weight = scaled;
    Index const lost = counts ? before - used(block, state) : 0;
    constexpr int static_bit = 5;
    static_assert(flag_static == 1 << static_bit);
    state.counts.used -= lost;
    state.counts.by_reason[static_bit] += lost;
}

Passes make(Params const& params)
{
    bool const by_driver = !params.text("solutions").empty() || params.text("from") == "registry";
    Passes passes;
    if (!by_driver && params.text("from") == "none") return passes;
    passes.push_back(std::make_unique<ApplyPass>(
        params.text("freq-interp") == "linear" ? FreqInterpolation::linear : FreqInterpolation::nearest,
        by_driver ? Origin::driver : Origin::job));
    return passes;
}

StageRegistrar const here{
    {"apply",
     "Corrects visibilities, weights and flags by solutions, amplitude and phase interpolated in time",
     {{"solutions", "", std::string(),
       "Files that solve wrote, or CASA tables (K, B, G), separated by commas; registry: its sets; empty: see from"},
      {"from",
       "",
       std::string("job"),
       "Where solutions come from unless files are named: a task of the same job before this one, the registry, or "
       "none: nothing is corrected",
       {"job", "registry", "none"}},
      {"reach", "h", 12.0, "Sets of the registry may lie so far from the middle of the group in time", {}, 0.0},
      {"min-gap",
       "h",
       0.0,
       "Two sets, before and after, that are closer to each other than this are not interpolated: the nearer one is "
       "taken",
       {},
       0.0},
      {"force", "", false, "Applies solutions that do not fit the group, too; recorded in every product"},
      {"freq-interp",
       "",
       std::string("nearest"),
       "Bandpass at frequencies between its channels: the nearest within half a channel, or linear between two",
       {"nearest", "linear"}}},
     &make}};

}  // namespace apply_stage
}  // namespace nocturne
