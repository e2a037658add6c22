// What the passes of stage `flag` share within one group. Enters: header and settings. Leaves: masks on the device, rows, tables.
#pragma once

#include "kernels/level.hpp"
#include "kernels/mark.hpp"
#include "nocturne/correlation.hpp"
#include "nocturne/stage.hpp"
#include "stages/flag/settings.hpp"

namespace nocturne {

/// Rows of the table of masks: the array, by hand, the vote, then antennas, then baselines.
enum MaskRow : std::int32_t { mask_array, mask_by_hand, mask_vote, mask_antennas };

/// What settle flagged whole of a block's baselines, for the account.
struct GrownRows {
    void begin(VisBlock const& block, Device const& device);
    View<std::uint8_t, 2> channels() { return make_view(channel.data(), n_baselines, n_channels); }
    View<std::uint8_t, 2> rows() { return make_view(row.data(), n_integrations, n_baselines); }

    Index n_integrations = 0, n_baselines = 0, n_channels = 0;  ///< 0: nothing was settled
    Buffer<std::uint8_t> channel, row;
};

struct FlagWork {
    explicit FlagWork(FlagSettings s) : settings(std::move(s)) {}
    /// Once a group; every pass calls it, the first does the work.
    void prepare(GroupState& state);

    Index mask_of_antenna(Index a) const { return mask_antennas + a; }
    Index mask_of_baseline(Index b) const { return mask_antennas + n_antennas() + b; }
    Index cross_baselines() const;
    Index n_antennas() const { return static_cast<Index>(antennas.size()); }
    View<std::uint32_t, 3> mask_table() const { return masks.view(mask_antennas + n_antennas() + nb, words, nc); }
    /// Brings masks into the flags of a block, which of `columns` of the list (array, by hand, vote, two antennas, its own) hold.
    void mark(VisBlock& block, GroupState& state, int first_column, int n_columns, std::uint8_t bit = flag_rfi);
    void upload_mask(Index row, std::vector<std::uint32_t> const& words_of_mask);
    void upload_rows();
    /// Deaf hands are flagged from here on.
    void upload_hands();
    /// Whether a sample has a deaf hand of either antenna.
    bool has_deaf_hand(Index b, Index p) const;
    /// Counts what is flagged in a block, and (host) by which rule; the first time a baseline passes.
    void account(VisBlock& block, GroupState& state);

    FlagSettings settings;
    Index nt = 0, nb = 0, nc = 0, np = 0, words = 0;
    std::vector<int> antennas;                  ///< those of the baselines: indices into the header's
    std::vector<std::int32_t> pair;             ///< [baseline][2] indices into `antennas`
    std::vector<std::array<double, 3>> metres;  ///< [baseline] from one antenna to the other
    std::vector<std::uint8_t> row_bits;         ///< [integration][baseline]
    std::vector<std::uint8_t> dead;             ///< [antenna]
    std::vector<std::uint8_t> deaf;             ///< [antenna][feed] hears nothing, where the other hears; empty: none
    std::vector<int> by_hand;                   ///< antennas that were named to be flagged, as in `antennas`
    std::vector<std::uint32_t> table;           ///< host copy of the array's, by-hand, vote and antenna masks
    std::vector<float>
        own_limit;              ///< [baseline][correlation] |V|² below which statistics of all baselines clip nothing
    std::vector<float> course;  ///< [integration][channel] of the amplitudes that all baselines share, around 1
    std::vector<std::uint8_t>
        suspect;  ///< [integration][channel] 1: the array has more than usual, so baselines may vote; empty: all
    bool has_rows = false;  ///< some row_bits or by-hand mask is set
    bool array_done = false, vote_done = false;
    std::vector<std::uint8_t> searched;  ///< [baseline] its own mask stands

    Buffer<std::uint8_t> is_auto, rows;
    std::vector<Buffer<std::uint8_t>> hand_rows;  ///< [correlation]: rows of deaf hands; not there where it has none
    std::vector<Feeds> feeds;                     ///< [correlation]
    GrownRows growth;
    Buffer<std::int32_t> pairs, which, tally;
    Buffer<std::uint32_t> masks;
    Buffer<float> courses;

private:
    void list_antennas(GroupHeader const& header);
    void make_which(Device const& device);
    void account_rows(VisBlock& block, GroupState& state);
    void mark_hands(VisBlock& block, GroupState& state);
    Device device_;
    bool prepared_ = false;
};

using SharedWork = std::shared_ptr<FlagWork>;

/// Baselines of two antennas that a search of the whole array, a vote, or of one antenna needs.
constexpr Index fewest_baselines = 10, fewest_of_antenna = 8;

/// What the power passes add up; combined over the ranks by the pass over the group.
struct PowerSums {
    Buffer<std::int32_t> sum, strays, lost;  ///< [antenna][integration][channel], as PowerArgs says
    std::vector<Level> level;                ///< [baseline][correlation]
};

std::unique_ptr<Pass> make_power_pass(SharedWork work, std::shared_ptr<PowerSums> sums);
/// "flag.power" over blocks and "flag.array" over the group.
Passes make_array_passes(SharedWork work);
/// "flag.baselines" over blocks, "flag.vote" over the group, "flag" over blocks.
Passes make_search_passes(SharedWork work);

/// Votes and histograms that the pass over baselines gathers and the vote takes, device side.
struct FlagVotes {
    Buffer<std::int32_t> count;      ///< [integration][channel]
    Buffer<std::int64_t> amplitude;  ///< [correlation][bins]
};

/// Rules about rows: antennas by hand, quack, elevation, projected length, shadow. Grows work.row_bits and the by-hand mask.
void apply_row_rules(FlagWork& work, GroupState& state);

struct DeadAntennas {
    std::vector<std::uint8_t> antenna, hand;  ///< [antenna]; [antenna][feed], 0 for those of dead antennas
};

/// Antennas that hear nothing: no agreement of neighbouring channels where comparable baselines of others agree, next to no noise, or 95 %
/// lost; single hands by the first two, in groups that have both. `level` [baseline][correlation].
DeadAntennas find_dead(FlagWork const& work, std::vector<Level> const& level);

}  // namespace nocturne
