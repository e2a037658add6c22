#include "stages/image/parts.hpp"

#include "stages/image/cube.hpp"
#include "stages/image/stand_in.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace nocturne {
namespace {

/// One part of the band on its way.
struct Part {
    ChannelRange range;
    GroupState state;
    Passes passes;
    std::set<Field> whole;  ///< what all ranks have of it
};

struct Parts {
    std::vector<Part> list;
    PassMaker maker;
    std::string ending;  ///< of the names of passes
    bool many = false;   ///< a cube's: what is noted of one names it (CubeMaker)
};

/// Keeps visibilities as those of all channels: the others have no weight.
VisibilitySink widened(VisibilitySink const& keep, ChannelRange range, std::int64_t n_channels)
{
    if (!keep) return {};
    return [keep, range, n_channels](ImagedVisibilities&& part) {
        auto all = part;
        auto const rows = part.n_integrations * part.n_baselines;
        all.n_channels = n_channels;
        all.vis.assign(static_cast<std::size_t>(rows * n_channels), Vis{});
        all.weight.assign(all.vis.size(), 0.0F);
        for (std::int64_t r = 0; r < rows; ++r) {
            std::copy_n(part.vis.begin() + r * range.n, range.n, all.vis.begin() + r * n_channels + range.first);
            std::copy_n(part.weight.begin() + r * range.n, range.n, all.weight.begin() + r * n_channels + range.first);
        }
        keep(std::move(all));
    };
}

/// What a part has in common with its group.
void take_over(GroupState& part, GroupState const& group)
{
    part.device = group.device;
    part.share = group.share;
    part.exchange = group.exchange;
    part.centre = group.centre;
    part.moment_centres = group.moment_centres;
    part.pointings = group.pointings;
    part.beam_map = group.beam_map;
    part.counts = group.counts;
}

Part make_part(GroupState const& group, ChannelRange range, PassMaker const& maker)
{
    Part part{range, {}, maker(), {}};
    take_over(part.state, group);
    part.state.header = header_of(group.header, range);
    part.state.uvw_m = group.uvw_m;
    return part;
}

/// As the driver does it for a group's own state, once a field.
void combine(Part& part, Pass const& next)
{
    auto& state = part.state;
    for (Field const field : next.reads()) {
        if (!part.whole.insert(field).second) continue;
        if (field == Field::density && state.density) nocturne::combine(*state.density, *state.exchange);
        if (field == Field::nodes && state.nodes) {
            state.exchange->merge(state.nodes->y);
            state.exchange->merge(state.nodes->psf);
            std::vector<std::int64_t> weight{state.nodes->sum_weight_units};
            state.exchange->sum(weight);
            state.nodes->sum_weight_units = weight[0];
        }
    }
}

/// The k-th pass of every part; it stands for it among the group's own.
class PartPass : public StandInPass {
public:
    PartPass(std::shared_ptr<Parts> parts, Pass const& like, std::size_t k)
        : StandInPass(like, parts->ending), parts_(std::move(parts)), k_(k)
    {}
    void prepare(GroupState& group) override
    {
        for (auto& part : parts_->list) {
            part.passes[k_]->prepare(part.state);
            if (parts_->many) continue;
            for (auto& note : part.state.notes)
                if (std::find(group.notes.begin(), group.notes.end(), note) == group.notes.end())
                    group.notes.push_back(std::move(note));
            part.state.notes.clear();
        }
    }
    void run(VisBlock& block, GroupState&) override
    {
        for (auto& part : parts_->list) {
            auto channels = channels_of(block, part.range);
            part.passes[k_]->run(channels, part.state);
        }
    }
    void run(GroupState& group) override
    {
        for (auto& part : parts_->list) {
            take_over(part.state, group);
            combine(part, *part.passes[k_]);
            part.passes[k_]->run(part.state);
        }
    }

private:
    std::shared_ptr<Parts> parts_;
    std::size_t k_;
};

/// Makes the parts before the other passes are prepared.
class BeginParts : public Pass {
public:
    using Chooser = std::function<std::vector<ChannelRange>(GroupState&)>;
    BeginParts(std::shared_ptr<Parts> parts, Chooser chooser, bool keeps)
        : parts_(std::move(parts)), chooser_(std::move(chooser)), keeps_(keeps)
    {}
    std::string name() const override { return keeps_ ? "image.range" : "image.channels"; }
    Scope scope() const override { return Scope::block; }
    std::vector<Field> reads() const override { return {Field::header, Field::uvw}; }
    std::vector<Field> writes() const override { return {}; }
    void prepare(GroupState& group) override
    {
        parts_->list.clear();
        for (auto const& range : chooser_(group)) {
            parts_->list.push_back(make_part(group, range, parts_->maker));
            if (keeps_)
                parts_->list.back().state.keep =
                    widened(group.keep, range, static_cast<std::int64_t>(group.header.freq_hz.size()));
        }
    }
    void run(VisBlock&, GroupState&) override {}

private:
    std::shared_ptr<Parts> parts_;
    Chooser chooser_;
    bool keeps_;
};

/// The one part's results as the group's.
class EndRange : public Pass {
public:
    explicit EndRange(std::shared_ptr<Parts> parts) : parts_(std::move(parts)) {}
    std::string name() const override { return "image.range.end"; }
    Scope scope() const override { return Scope::group; }
    std::vector<Field> reads() const override { return {Field::images}; }
    std::vector<Field> writes() const override { return {Field::images}; }
    void run(GroupState& group) override
    {
        auto& part = parts_->list.front().state;
        group.nodes = std::move(part.nodes);
        group.images = std::move(part.images);
        group.components = std::move(part.components);
        group.spectra = std::move(part.spectra);
        group.has_spectra = part.has_spectra;
        group.snapshots = std::move(part.snapshots);
        group.candidates = std::move(part.candidates);
        group.snapshots_searched = part.snapshots_searched;
        group.notes.insert(group.notes.end(), part.notes.begin(), part.notes.end());
        parts_->list.clear();
    }

private:
    std::shared_ptr<Parts> parts_;
};

/// The images of a cube's channels, one after another, so that one gridder lives at a time.
class CubePass : public Pass {
public:
    CubePass(std::shared_ptr<Parts> parts, std::size_t first) : parts_(std::move(parts)), first_(first) {}
    std::string name() const override { return "image.cube"; }
    Scope scope() const override { return Scope::group; }
    std::vector<Field> reads() const override { return {Field::header, Field::counts}; }
    std::vector<Field> writes() const override { return {Field::images}; }
    void prepare(GroupState&) override
    {
        for (auto& part : parts_->list)
            for (auto k = first_; k < part.passes.size(); ++k) part.passes[k]->prepare(part.state);
    }
    void run(GroupState& group) override
    {
        CubeMaker cube(parts_->list.size());
        for (auto& part : parts_->list) {
            take_over(part.state, group);
            combine(part, *part.passes[first_]);
            bool const empty = !(part.state.nodes && part.state.nodes->sum_weight() > 0);
            for (auto k = first_; !empty && k < part.passes.size(); ++k) part.passes[k]->run(part.state);
            cube.add(part.state, group);
            part.state = {};
            part.passes.clear();
        }
        cube.finish(group);
        parts_->list.clear();
    }

private:
    std::shared_ptr<Parts> parts_;
    std::size_t first_;
};

std::shared_ptr<Parts> new_parts(PassMaker const& maker, std::string ending)
{
    auto parts = std::make_shared<Parts>();
    parts->maker = maker;
    parts->ending = std::move(ending);
    return parts;
}

}  // namespace

Passes make_range_passes(ImageSettings const& settings, PassMaker const& maker)
{
    auto const parts = new_parts(maker, " of range");
    auto const like = maker();
    Passes passes;
    auto const choose = [text = settings.select.channels](GroupState const& group) {
        return std::vector<ChannelRange>{find_channels(text, group.header)};
    };
    passes.push_back(std::make_unique<BeginParts>(parts, choose, true));
    for (std::size_t k = 0; k < like.size(); ++k) passes.push_back(std::make_unique<PartPass>(parts, *like[k], k));
    passes.push_back(std::make_unique<EndRange>(parts));
    return passes;
}

Passes make_cube_passes(ImageSettings const& settings, PassMaker const& maker)
{
    auto const parts = new_parts(maker, " of channels");
    parts->many = true;
    auto const like = maker();
    Passes passes;
    auto const choose = [cube = settings.cube, text = settings.select.channels](GroupState& group) {
        auto ranges = cube_channels(cube, find_channels(text, group.header), group.header);
        if (cube.by_subband && ranges.size() == 1)
            group.notes.push_back(
                "the cube has one channel: what is imaged is one subband (in a Measurement Set one spectral window); "
                "cube = 8 makes eight of it");
        return ranges;
    };
    passes.push_back(std::make_unique<BeginParts>(parts, choose, false));
    std::size_t last = like.size();
    while (last > 0 && like[last - 1]->scope() == Scope::group) --last;
    for (std::size_t k = 0; k < last; ++k) passes.push_back(std::make_unique<PartPass>(parts, *like[k], k));
    passes.push_back(std::make_unique<CubePass>(parts, last));
    return passes;
}

}  // namespace nocturne
