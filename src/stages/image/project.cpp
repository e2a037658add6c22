#include "stages/image/project.hpp"

#include "kernels/project.hpp"
#include "kernels/weigh.hpp"
#include "nocturne/short_number.hpp"
#include "stages/image/hands.hpp"
#include "stages/image/image_work.hpp"
#include "stages/image/keep.hpp"
#include "stages/image/weigh.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace nocturne {
namespace {

class ProjectPass : public Pass {
public:
    ProjectPass(ImageSettings const& settings, std::shared_ptr<ImageWork> work)
        : settings_(settings), cells_(uv_cells(settings)), work_(std::move(work))
    {}
    std::string name() const override { return "image.project"; }
    Scope scope() const override { return Scope::block; }
    std::vector<Field> reads() const override
    {
        std::vector<Field> fields{Field::header, Field::vis, Field::flag, Field::weight, Field::uvw};
        if (!natural()) fields.push_back(Field::density);
        return fields;
    }
    std::vector<Field> writes() const override { return {Field::nodes}; }
    void prepare(GroupState& state) override;
    void run(VisBlock& block, GroupState& state) override;

private:
    /// Where samples are projected to.
    struct Target {
        NodeOperator& op;
        NodeSet& nodes;
    };
    bool natural() const { return settings_.weighting == Weighting::natural; }
    bool has_factors() const { return !natural() || settings_.taper_rad > 0; }
    void note_choices(NodePlan const& plan, GroupState& state) const;
    void begin(GroupState& state);
    View<float const, 3> factors(VisBlock const& block, GroupState const& state);
    void check_positions(VisBlock const& block, GroupState const& state) const;
    void project(VisBlock const& block, View<float const, 3> const& factor, GroupState const& state, Target to);
    void count_weight(Index n_rects, NodeSet& nodes);

    ImageSettings settings_;
    UvCells cells_;
    Hands hands_;
    std::shared_ptr<ImageWork> work_;
    bool begun_ = false;
    Buffer<float> table_, factor_;
    Buffer<double> freq_hz_, rect_weight_;
    Buffer<Vis> y_, psf_;  ///< of one block, on a device that is not the host
};

void clear_values(NodeSet& nodes)
{
    nodes.y.assign(static_cast<std::size_t>(nodes.geometry.n_points), Vis{});
    nodes.psf = nodes.y;
    nodes.sum_weight_units = 0;
    nodes.weight_unit = weight_unit(0);
}

/// What a user should know of what was asked for.
void ProjectPass::note_choices(NodePlan const& plan, GroupState& state) const
{
    if (!settings_.clean.unused.empty())
        state.notes.push_back("niter is 0, so there is no CLEAN to use " + settings_.clean.unused +
                              ": say how many iterations with niter, for example 1000");
    state.notes.insert(state.notes.end(), settings_.idle.begin(), settings_.idle.end());
    if (natural() && has_factors())
        if (auto const beyond = note_of(beyond_grid(state.uvw_m, state.header.freq_hz, cells_)); !beyond.empty())
            state.notes.push_back(beyond);
    if (!(settings_.averaging_loss > 0)) return;
    char text[160];
    std::snprintf(text, sizeof text,
                  "samples are averaged by baseline, %.3g of them to one; a source in a corner of the image loses %.2g "
                  "of its flux at most",
                  plan.ratio(), settings_.averaging_loss);
    state.notes.push_back(text);
}

void ProjectPass::prepare(GroupState& state)
{
    hands_ = find_hands(state.header.correlations, settings_.select.stokes);
    auto plan = plan_group(state, settings_);
    note_choices(plan, state);
    work_->slant = slant_of(state, settings_);
    work_->nodes.prepare(state, plan, settings_.clean.iterations > 0 ? KeepWeights::yes : KeepWeights::no);
    auto n_rects = static_cast<Index>(plan.rects.size());
    freq_hz_ = to_device(state.device, state.header.freq_hz);
    auto& nodes = state.nodes.emplace();
    nodes.geometry = std::move(plan.geometry);
    if (settings_.clean.iterations > 0) work_->line_time_s = std::move(plan.line_time_s);
    clear_values(nodes);
    if (settings_.snapshots) {
        auto& snapshots = work_->snapshots;
        auto each = plan_snapshots(state, settings_);
        snapshots.op.prepare(state, each, KeepWeights::no);
        n_rects = std::max(n_rects, static_cast<Index>(each.rects.size()));
        snapshots.nodes.geometry = std::move(each.geometry);
        snapshots.line_time_s = std::move(each.line_time_s);
        clear_values(snapshots.nodes);
    }
    rect_weight_ = Buffer<double>(state.device, n_rects);
    begun_ = false;
}

/// At the first block: what the line before it left.
void ProjectPass::begin(GroupState& state)
{
    begun_ = true;
    if (natural()) {
        table_ = to_device(state.device, has_factors() ? taper_factors(settings_) : std::vector<float>{1});
        return;
    }
    if (!state.density || state.density->factor.empty())
        throw Error(Code::defect, "weighting without a density", "image.weights did not run before image.project",
                    "report this as a defect, with the job file");
    table_ = to_device(state.device, state.density->factor);
}

View<float const, 3> ProjectPass::factors(VisBlock const& block, GroupState const& state)
{
    Index const t = block.n_integrations(), b = block.n_baselines(), c = block.n_channels();
    if (!has_factors()) return make_constant_view(static_cast<float const*>(table_.data()), t, b, c);
    if (factor_.size() < t * b * c) factor_ = Buffer<float>(state.device, t * b * c);
    auto const factor = factor_.view(t, b, c);
    nocturne::run(state.device, WeighArgs{block.uvw_m, freq_hz_.view(c), cells_, table_.view(cells_.size()), factor});
    return factor;
}

/// The plan's positions are those of the block; one integration is looked at on the host.
void ProjectPass::check_positions(VisBlock const& block, GroupState const& state) const
{
    if (!is_host(state.device)) return;
    auto const n_baselines = static_cast<Index>(state.header.baselines.size());
    Index const t = block.n_integrations() / 2;
    for (Index b = 0; b < block.n_baselines(); ++b)
        for (Index axis = 0; axis < 3; ++axis) {
            auto const at = static_cast<std::size_t>((t * n_baselines + block.first_baseline + b) * 3 + axis);
            NOCT_CHECK(std::abs(state.uvw_m[at] - block.uvw_m(t, b, axis)) < 1e-6,
                       "uvw of a block differ from those planned for");
        }
}

void ProjectPass::project(VisBlock const& block, View<float const, 3> const& factor, GroupState const& state, Target to)
{
    auto& op = to.op;
    Index const first = block.first_baseline, first_value = op.first_value(first);
    Index const n_values = op.first_value(first + block.n_baselines()) - first_value;
    auto const rects = op.rects(first, block.n_baselines());
    Index const n_rects = rects.extent[0];
    auto& nodes = to.nodes;
    View<Vis, 1> y = make_view(nodes.y.data() + first_value, n_values);
    View<Vis, 1> psf = make_view(nodes.psf.data() + first_value, n_values);
    bool const here = is_host(state.device);
    if (!here) {
        if (y_.size() < n_values) {
            y_ = Buffer<Vis>(state.device, n_values);
            psf_ = Buffer<Vis>(state.device, n_values);
        }
        y = y_.view(n_values);
        psf = psf_.view(n_values);
    }
    nocturne::run(state.device, ProjectArgs{hands_.view(block), factor, rects, first, first_value, op.matrices(), y,
                                            psf, rect_weight_.view(n_rects), op.weights_of(block, state)});
    if (!here) {
        auto const bytes = static_cast<std::size_t>(n_values) * sizeof(Vis);
        std::visit([&](auto const& d) { copy_out(d, nodes.y.data() + first_value, y_.data(), bytes); }, state.device);
        std::visit([&](auto const& d) { copy_out(d, nodes.psf.data() + first_value, psf_.data(), bytes); },
                   state.device);
    }
    finish(state.device);
    count_weight(n_rects, nodes);
    op.count(state, nodes.weight_unit);
}

/// Each rectangle's sum is rounded once to integer units, so any order and split of baselines gives the same total.
void ProjectPass::count_weight(Index n_rects, NodeSet& nodes)
{
    auto const weights = rect_weight_.to_host();
    for (Index r = 0; r < n_rects; ++r) {
        double const units = weights[static_cast<std::size_t>(r)] / nodes.weight_unit;
        if (!(units + static_cast<double>(nodes.sum_weight_units) < 4e18))
            throw Error(Code::bad_input, "the weights are too large to be summed",
                        "Σ w is beyond " + short_number(4e18 * nodes.weight_unit), "scale nsamples in the files");
        nodes.sum_weight_units += std::llround(units);
    }
}

void ProjectPass::run(VisBlock& block, GroupState& state)
{
    if (!begun_) begin(state);
    check_positions(block, state);
    auto const factor = factors(block, state);
    project(block, factor, state, {work_->nodes, *state.nodes});
    if (settings_.snapshots) project(block, factor, state, {work_->snapshots.op, work_->snapshots.nodes});
    if (state.keep) state.keep(imaged_visibilities(block, hands_, factor, state));
}

}  // namespace

NodePlan plan_group(GroupState const& state, ImageSettings const& settings)
{
    auto const& header = state.header;
    std::size_t const n_rows = header.time_mjd_s.size() * header.baselines.size();
    if (state.uvw_m.size() != 3 * n_rows)
        throw Error(Code::bad_config, "image has no uvw toward its centre", "convert does not come before it",
                    "put the task convert before the task image");
    if (!state.moment_centres.empty())
        throw Error(Code::bad_config, "an image needs one phase centre", "phase-center is 'each'",
                    "leave phase-center empty, or give RA,DEC");
    auto const slant = slant_of(state, settings);
    auto const grid = slanted_grid(settings.geometry(state.centre), slant);
    return make_node_plan({header.freq_hz, header.time_mjd_s, header.baselines,
                           make_view(state.uvw_m.data(), header.time_mjd_s.size(), header.baselines.size(), 3),
                           plain_half_width(grid, slant), settings.node_epsilon(), settings.compression,
                           header.ragged() ? TimeAxis::ragged : TimeAxis::common, settings.averaging_loss});
}

NodePlan plan_snapshots(GroupState const& state, ImageSettings const& settings)
{
    auto const& header = state.header;
    if (header.ragged())
        throw Error(Code::bad_input, "no images of single integrations can be made of group " + header.group_id,
                    "its baselines have integrations of their own", "leave per-integration out");
    auto image = settings.snapshots.value().geometry(state.centre);
    image.n_pixels *= 2;  // a PSF that reaches from edge to edge
    double half_width = plain_half_width(image, {});
    if (settings.clean.iterations > 0 && settings.snapshots->subtract != Subtract::none) {  // CLEAN's model enters them
        auto const slant = slant_of(state, settings);
        half_width =
            std::max(half_width, plain_half_width(slanted_grid(settings.geometry(state.centre), slant), slant));
    }
    return make_node_plan({header.freq_hz, header.time_mjd_s, header.baselines,
                           make_view(state.uvw_m.data(), header.time_mjd_s.size(), header.baselines.size(), 3),
                           half_width, settings.node_epsilon(), settings.compression, TimeAxis::ragged});
}

Slant slant_of(GroupState const& state, ImageSettings const& settings)
{
    if (settings.clean.iterations == 0) return {};
    auto const& header = state.header;
    return fit_slant(header.baselines,
                     make_view(state.uvw_m.data(), header.time_mjd_s.size(), header.baselines.size(), 3),
                     settings.geometry(state.centre));
}

std::unique_ptr<Pass> make_project_pass(ImageSettings const& settings, std::shared_ptr<ImageWork> work)
{
    return std::make_unique<ProjectPass>(settings, work ? std::move(work) : std::make_shared<ImageWork>());
}

}  // namespace nocturne
