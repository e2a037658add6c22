// Stages: what a job file names. A stage is a list of passes; a pass works per block of baselines or per group. The
// driver runs the passes of all stages in order, block by block, and draws a line where a per-group pass stands.
#pragma once

#include "nocturne/beam_map.hpp"
#include "nocturne/cal_table.hpp"
#include "nocturne/calibration_use.hpp"
#include "nocturne/candidate.hpp"
#include "nocturne/device.hpp"
#include "nocturne/flag_account.hpp"
#include "nocturne/group.hpp"
#include "nocturne/image.hpp"
#include "nocturne/imaged_visibilities.hpp"
#include "nocturne/node_set.hpp"
#include "nocturne/param.hpp"
#include "nocturne/vis_block.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace nocturne {

enum class Scope { block, group };

/// What passes read and write; the driver checks their order before the first byte is read, and combines over the ranks
/// of a group what a block pass wrote before a group pass reads it.
enum class Field { header, vis, flag, weight, uvw, density, nodes, counts, images, sums, solutions };
const char* name(Field field);

/// Weights summed on the cells of the uv grid (uniform and Briggs weighting). int64 sums: any order, any split, same
/// bits.
struct Density {
    Index n_cells = 0;  ///< the grid is n_cells/2 + 1 (v ≥ 0) rows by n_cells columns
    double cell_lambda = 0;
    double scale = 1;  ///< integer = weight × scale, scale a power of two
    std::vector<std::int64_t> sum;
    Buffer<std::int64_t> on_device;  ///< the sum so far, where the device is not the host: `combine` moves it to `sum`
    std::vector<float> factor;       ///< [cells of sum]: imaging weight = natural weight × factor
};

/// Shares per-group work over the ranks of the group: task i is done here where `mine(i)`, results stay on that rank.
struct Share {
    int rank = 0, size = 1;
    bool mine(Index task) const { return task % size == rank; }
};

/// What the ranks of a group do together inside a pass per group. Every rank calls the same members in the same order; without
/// other ranks these are what stands here.
class Exchange {
public:
    virtual ~Exchange() = default;
    /// Runs `work` on this rank; if it failed on any, all ranks throw the same error.
    virtual void together(std::function<void()> const& work) const { work(); }
    /// Values that one rank made and that are 0 on the others: afterwards all ranks have them, bit by bit.
    virtual void merge(std::vector<Vis>&) const {}
    virtual void merge(std::vector<float>&) const {}
    /// Of `pieces`, which lie one after another, piece r of counts[r] values goes to rank r; `dealt`: what all ranks had for this one, in their order.
    /// Afterwards `pieces` holds whatever it holds.
    virtual void deal(std::vector<float>& pieces, std::vector<std::size_t> const& /*counts*/,
                      std::vector<float>& dealt) const
    {
        std::swap(pieces, dealt);
    }
    virtual void sum(std::vector<std::int64_t>&) const {}
    virtual void sum(Buffer<std::int64_t>&) const {}
    /// A sign of life from within long work, once in ten seconds at least: says where it stands. Throws Error(transient) where the
    /// run was asked to stop, on this rank alone: for use within `together`.
    virtual void pulse(std::string const& /*where*/) const {}
};

/// The density of all ranks of a group, in `sum` on each of them; `ranks` has sum() as Exchange has it.
template<class Ranks>
void combine(Density& density, Ranks const& ranks)
{
    if (density.on_device.size() == 0) return ranks.sum(density.sum);
    ranks.sum(density.on_device);
    density.sum = density.on_device.to_host();
    density.on_device = {};
}

/// An image of one part of the band.
struct PlaneImage {
    int plane = 0;
    Image image;
};

struct GroupState;
/// Takes blocks as they stand between two passes; the views are valid during the call.
using BlockSink = std::function<void(VisBlock const&, GroupState const&)>;

/// What one group has become so far. Typed results of stages; never a file.
struct GroupState {
    GroupHeader header;
    Device device;
    Share share;
    std::shared_ptr<Exchange const> exchange = std::make_shared<Exchange>();
    Direction centre;                         ///< phase centre (ICRS) that uvw and vis refer to once `convert` ran
    std::vector<Direction> moment_centres;    ///< [moment]; empty: all are `centre`
    std::vector<std::string> field_names;     ///< of the centre: one; with moment_centres [moment]
    std::shared_ptr<BeamMap const> beam_map;  ///< the antennas' beam, where a file of it was named; else null
    std::vector<Direction> pointings;  ///< [moment] where the dishes look, ICRS; from when `convert` was prepared
    std::string earth_note;            ///< which Earth-orientation values were used
    std::vector<std::string> notes;    ///< what passes found that a user should know: a line each, logged and recorded
    std::vector<double> uvw_m;  ///< [integration][baseline][3] toward the centre, from when `convert` was prepared
    SampleCount counts;         ///< Field::counts
    std::optional<FlagAccount> flag_account;    ///< of stage flag, combined with Field::counts
    std::optional<Density> density;             ///< Field::density
    std::optional<NodeSet> nodes;               ///< Field::nodes
    std::vector<Image> images;                  ///< Field::images; on the rank that made each
    std::vector<ModelComponent> components;     ///< of CLEAN, on every rank
    std::vector<PlaneImage> planes;             ///< images of single channels of a cube; on the rank that made each
    std::vector<Image> cubes;                   ///< on the rank that made them
    std::vector<Image> spectra;                 ///< spectral index and its error; on the rank that made them
    bool has_spectra = false;                   ///< on every rank
    std::vector<Snapshot> snapshots;            ///< of single integrations that are kept; on the rank that made each
    std::vector<Candidate> candidates;          ///< found in snapshots, by time; on every rank
    Index snapshots_searched = 0;               ///< integrations that were; on every rank
    std::vector<CalTable> solutions;            ///< Field::solutions: tables whose product is the gain; on every rank
    std::optional<CalibrationUse> calibration;  ///< of solutions that the driver brought
    VisibilitySink keep;    ///< called per block with what is imaged, before compression; may be empty
    BlockSink write_block;  ///< called per block by pass "export"; may be empty
};

class Pass {
public:
    virtual ~Pass() = default;
    virtual std::string name() const = 0;  ///< "convert", "flag", "image.project": unique in a job
    virtual Scope scope() const = 0;
    virtual std::vector<Field> reads() const = 0;
    virtual std::vector<Field> writes() const = 0;
    /// Called once on each rank before any block; makes plans and allocates. Not for work that depends on data.
    virtual void prepare(GroupState&) {}
    virtual void run(VisBlock&, GroupState&);  ///< Scope::block; the default throws Error(defect)
    virtual void run(GroupState&);             ///< Scope::group; the default throws Error(defect)
};

using Passes = std::vector<std::unique_ptr<Pass>>;

/// A stage as it registers itself: `static StageRegistrar const here{{…}};` at namespace scope of its one file.
struct StageType {
    std::string name;
    std::string summary;  ///< one sentence for --help and docs
    std::vector<ParamSpec> params;
    Passes (*make)(Params const&) = nullptr;
};

/// All stages linked in, by name.
std::vector<StageType> const& stage_types();
StageType const& stage_type(std::string const& name);  ///< throws Error(bad_config) with the nearest name

struct StageRegistrar {
    explicit StageRegistrar(StageType type);
};

}  // namespace nocturne
