// Verb `bench grid`: a group's visibilities in memory to its dirty image and back, everything but the plan included.
#include "cli/verb.hpp"
#include "driver/choose_group.hpp"
#include "driver/job_file.hpp"
#include "driver/probe.hpp"
#include "driver/reader_source.hpp"
#include "kernels/expand.hpp"
#include "kernels/project.hpp"
#include "qa/timing.hpp"
#include "stages/image/hands.hpp"
#include "stages/image/project.hpp"
#include "stages/image/wgridder.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>

namespace nocturne::cli {
namespace bench_grid_verb {

struct Options {
    std::vector<std::string> inputs;
    ImageSettings settings;
    double cell_arcsec = 3;
    std::string backend = "auto", compress = "auto";
    int repeats = 3;
};

/// A group in memory, phased and flagged, natural weights.
class ResidentGroup {
public:
    ResidentGroup(std::vector<std::string> const& inputs, Device const& device)
    {
        SourceOptions source;
        source.paths = choose_group(inputs, "", 16).paths;
        source.memory_bytes = std::uint64_t(1) << 50;
        require_good_files(source.paths);
        source_ = open_group(source, device);
        state.header = source_->header();
        state.device = device;
        auto const n = static_cast<Index>(state.header.baselines.size());
        all_ = source_->load(0, n);
        auto const job = make_job("grid", {"convert", "flag"}, {{}, {{"only", "zeros,autocorr"}}});
        for (auto const& pass : job.passes()) {
            pass->prepare(state);
            for_each_block([&](VisBlock& block) { pass->run(block, state); });
        }
    }

    template<class Body>
    void for_each_block(Body const& body)
    {
        for (Index first = 0; first < all_.n_baselines(); first += 64) {
            auto block = all_.baselines(first, std::min<Index>(64, all_.n_baselines() - first));
            body(block);
        }
        finish(state.device);
    }

    Index n_baselines() const { return all_.n_baselines(); }
    Index n_samples() const { return all_.vis.size() / all_.n_correlations(); }
    Index n_values() const { return all_.vis.size(); }

    GroupState state;

private:
    std::unique_ptr<BlockSource> source_;
    VisBlock all_;
};

/// The plan of nodes on the device and what projects onto them.
class Projection {
public:
    Projection(ResidentGroup& group, ImageSettings const& settings)
        : group_(group),
          plan_(plan_group(group.state, settings)),
          hands_(find_hands(group.state.header.correlations)),
          rects_(to_device(group.state.device, plan_.rects)),
          matrices_(to_device(group.state.device, plan_.matrices)),
          one_(to_device(group.state.device, std::vector<float>{1})),
          weight_(group.state.device, rects_.size())
    {}

    void project(Buffer<Vis>& y)
    {
        for_each_part([&](VisBlock const& block, Part const& part) {
            ProjectArgs args;
            args.in = hands_.view(block);
            args.factor = make_constant_view<float const>(one_.data(), block.n_integrations(), block.n_baselines(),
                                                          block.n_channels());
            args.rects = part.rects;
            args.first_baseline = block.first_baseline;
            args.first_value = part.first_value;
            args.matrices = matrices_.view(matrices_.size());
            args.y = y.view(y.size()).slice(0, part.first_value, part.n_values);
            args.rect_weight = weight_.view(weight_.size()).slice(0, part.first_rect, part.rects.extent[0]);
            run(group_.state.device, args);
        });
    }

    /// `model` [integration][baseline][channel].
    void expand(Buffer<Vis> const& y, Buffer<Vis>& model)
    {
        for_each_part([&](VisBlock const& block, Part const& part) {
            ExpandArgs args;
            args.y = y.view(y.size()).slice(0, part.first_value, part.n_values);
            args.rects = part.rects;
            args.first_baseline = block.first_baseline;
            args.first_value = part.first_value;
            args.matrices = matrices_.view(matrices_.size());
            args.vis = model.view(block.n_integrations(), group_.n_baselines(), block.n_channels())
                           .slice(1, block.first_baseline, block.n_baselines());
            run(group_.state.device, args);
        });
    }
    NodePlan const& plan() const { return plan_; }

private:
    /// What a block's baselines own.
    struct Part {
        View<NodeRect const, 1> rects;
        Index first_rect, first_value, n_values;
    };

    template<class Body>
    void for_each_part(Body const& body)
    {
        group_.for_each_block([&](VisBlock const& block) {
            auto const first = static_cast<std::size_t>(block.first_baseline);
            auto const end = first + static_cast<std::size_t>(block.n_baselines());
            Index const r0 = plan_.first_rect[first], v0 = plan_.first_value[first];
            body(block, Part{rects_.view(rects_.size()).slice(0, r0, plan_.first_rect[end] - r0), r0, v0,
                             plan_.first_value[end] - v0});
        });
    }

    ResidentGroup& group_;
    NodePlan plan_;
    Hands hands_;
    Buffer<NodeRect> rects_;
    Buffer<float> matrices_, one_;
    Buffer<double> weight_;
    Buffer<Vis> model_;
};

/// Bytes: of the visibilities, each read once (dirty image) or written once (prediction).
struct Timing {
    double plan_s = 0, dirty_s = 0, predict_s = 0, dirty_bytes = 0, predict_bytes = 0;
    Index n_vis = 0, n_points = 0;
    bool on_host = true;
};

/// The least of several times, seconds.
template<class Body>
double least_of(int repeats, Body const& body)
{
    double least = std::numeric_limits<double>::infinity();
    for (int repeat = 0; repeat < repeats; ++repeat) {
        Stopwatch const watch;
        body();
        least = std::min(least, watch.seconds());
    }
    return least;
}

Timing measure(Options const& options)
{
    auto const device = make_device(options.backend);
    ResidentGroup group(options.inputs, device);
    Timing timing;
    Stopwatch const planning;
    Projection projection(group, options.settings);
    auto const& points = projection.plan().geometry;
    WGridder gridder(device, options.settings.geometry(group.state.centre), options.settings.gridder_epsilon(), points);
    timing.plan_s = planning.seconds();
    timing.n_vis = projection.plan().n_visibilities;
    timing.n_points = points.n_points;
    timing.on_host = is_host(device);
    timing.dirty_bytes = static_cast<double>(group.n_values()) * sizeof(Vis);
    timing.predict_bytes = static_cast<double>(group.n_samples()) * sizeof(Vis);
    Buffer<Vis> y(device, points.n_points), model(device, group.n_samples());
    Buffer<float> image(device, options.settings.n_pixels * options.settings.n_pixels);
    model.clear();
    image.clear();
    timing.dirty_s = least_of(options.repeats, [&] {
        projection.project(y);
        gridder.dirty(y, image);
    });
    timing.predict_s = least_of(options.repeats, [&] {
        gridder.predict(image, y);
        projection.expand(y, model);
    });
    return timing;
}

int run_verb(Options options, Globals const& globals)
{
    options.settings.cell_rad = options.cell_arcsec * arcsec_rad;
    options.settings.weighting = Weighting::natural;
    options.settings.compression = options.compress == "on"    ? Compression::on
                                   : options.compress == "off" ? Compression::off
                                                               : Compression::automatic;
    auto const t = measure(options);
    auto shares = nlohmann::ordered_json::object();  // a GPU has other limits than the host's memory
    if (t.on_host) {
        double const bandwidth = measure_bandwidth();
        shares = {{"bandwidth_gb_per_s", bandwidth / 1e9},
                  {"dirty_share_of_bandwidth", t.dirty_bytes / t.dirty_s / bandwidth},
                  {"predict_share_of_bandwidth", t.predict_bytes / t.predict_s / bandwidth}};
    }
    if (globals.json) {
        nlohmann::ordered_json document{{"nvis", t.n_vis},
                                        {"n_points", t.n_points},
                                        {"plan_s", t.plan_s},
                                        {"dirty_s", t.dirty_s},
                                        {"predict_s", t.predict_s}};
        document.update(shares);
        print_json(document);
        return 0;
    }
    std::printf(
        "%.2f M visibilities as %.3f M points: plan %.3f s, dirty image %.3f s (%.1f M vis/s), prediction %.3f s\n",
        static_cast<double>(t.n_vis) * 1e-6, static_cast<double>(t.n_points) * 1e-6, t.plan_s, t.dirty_s,
        static_cast<double>(t.n_vis) / t.dirty_s * 1e-6, t.predict_s);
    if (t.on_host)
        std::printf(
            "each visibility moved once takes so much of the host's %.1f GB/s: dirty image %.1f %%, prediction %.1f "
            "%%\n",
            shares["bandwidth_gb_per_s"].get<double>(), 100 * shares["dirty_share_of_bandwidth"].get<double>(),
            100 * shares["predict_share_of_bandwidth"].get<double>());
    return 0;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto options = std::make_shared<Options>();
    options->settings.n_pixels = 4096;
    app.add_option("inputs", options->inputs, "Files of one group, a directory that holds them, or a Measurement Set")
        ->required();
    app.add_option("--imsize", options->settings.n_pixels, "Width and height of the image (even)")->show_default();
    app.add_option("--cell", options->cell_arcsec, "Size of a pixel [arcsec]")->show_default();
    app.add_option("--epsilon", options->settings.epsilon, "Relative error allowed to the image")->show_default();
    app.add_option("--compress", options->compress, "Exact compression before gridding")->one_of({"auto", "on", "off"});
    app.add_option("--backend", options->backend, "cuda, kokkos or auto")->one_of({"auto", "cuda", "kokkos"});
    app.add_option("--repeats", options->repeats, "Times of which the least is given")->positive();
    return [options, &globals] { return run_verb(*options, globals); };
}

VerbRegistrar const here{{"bench grid", "Time a group's visibilities to the dirty image and back", &declare}};

}  // namespace bench_grid_verb
}  // namespace nocturne::cli
