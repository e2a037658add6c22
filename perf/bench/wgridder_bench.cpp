// The complete dirty image of a full group, visibilities in memory to image, and prediction back: seconds by part, and the
// error against the exact sum. A DSA-110-like group is laid down here: 96 antennas, 24 integrations, 768 channels.
//
//   bench_wgridder [--imsize N] [--cell ARCSEC] [--epsilon E] [--dec DEG] [--repeats R] [--antennas N] [--raw]
//                 [--check] [--export DIR]
#include "kernels/expand.hpp"
#include "kernels/project.hpp"
#include "nocturne/units.hpp"
#include "perf/bench/machine.hpp"
#include "stages/image/plan.hpp"
#include "stages/image/wgridder.hpp"

#include <array>
#include <cmath>
#include <complex>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <random>
#include <string>

namespace {
using namespace nocturne;

struct Options {
    Index imsize = 4096;
    double cell = 3, epsilon = 1e-4, dec = 54.6;
    int repeats = 3, antennas = 96;
    bool raw = false, check = false;
    std::string export_to;
};

Options parse(int argc, char** argv)
{
    Options options;
    for (int i = 1; i < argc; ++i) {
        std::string const key = argv[i];
        auto const value = [&] { return std::string(i + 1 < argc ? argv[++i] : "0"); };
        if (key == "--imsize") options.imsize = std::stol(value());
        if (key == "--cell") options.cell = std::stod(value());
        if (key == "--epsilon") options.epsilon = std::stod(value());
        if (key == "--dec") options.dec = std::stod(value());
        if (key == "--repeats") options.repeats = std::stoi(value());
        if (key == "--antennas") options.antennas = std::stoi(value());
        if (key == "--raw") options.raw = true;
        if (key == "--check") options.check = true;
        if (key == "--export") options.export_to = value();
    }
    return options;
}

/// Like the array: an east–west line of 46 antennas 5.75 m apart, a north–south one of 34, the rest out to 1.3 km.
std::vector<std::array<double, 2>> stations(int n)
{
    std::mt19937 random(110);
    std::uniform_real_distribution<double> unit(-1, 1);
    std::vector<std::array<double, 2>> east_north;
    for (int a = 0; a < n; ++a) {
        double const part = static_cast<double>(a) / n;
        if (part < 0.48) {
            east_north.push_back({5.75 * a - 260, 0});
        } else if (part < 0.83) {
            east_north.push_back({0, 8.6 * (a - 0.48 * n) - 210});
        } else {
            east_north.push_back({1300 * unit(random), 1300 * unit(random)});
        }
    }
    return east_north;
}

struct Group {
    std::vector<double> freq_hz, time_s;
    std::vector<Baseline> baselines;
    std::vector<double> uvw_m;  // [integration][baseline][3]
    Buffer<Vis> vis;            // [integration][baseline][channel]
    Buffer<std::uint8_t> flag;
    float weight = 1, factor = 1;

    Index nt() const { return static_cast<Index>(time_s.size()); }
    Index nb() const { return static_cast<Index>(baselines.size()); }
    Index nc() const { return static_cast<Index>(freq_hz.size()); }
};

/// Rows of exact values: sources at offsets (l, m), a recurrence along the channels.
void fill_row(Group& group, Index row, std::vector<std::array<double, 3>> const& sources)
{
    Vis* out = group.vis.data() + row * group.nc();
    double const* uvw = group.uvw_m.data() + 3 * row;
    std::mt19937 random(static_cast<unsigned>(row));
    for (Index c = 0; c < group.nc(); ++c) {
        float const noise = static_cast<float>(random()) * 0x1p-31F - 1;
        out[c] = {noise, -0.7F * noise};
    }
    for (auto const& [l, m, flux] : sources) {
        double const turns =
            (uvw[0] * l + uvw[1] * m + uvw[2] * (std::sqrt(1 - l * l - m * m) - 1)) / speed_of_light_m_s;
        auto value = std::polar(flux, 2 * pi * turns * group.freq_hz[0]);
        auto const step = std::polar(1.0, 2 * pi * turns * (group.freq_hz[1] - group.freq_hz[0]));
        for (Index c = 0; c < group.nc(); ++c, value *= step) {
            out[c].re += static_cast<float>(value.real());
            out[c].im += static_cast<float>(value.imag());
        }
    }
}

Group make_group(Options const& options, Device const& device)
{
    Group group;
    for (int c = 0; c < 768; ++c) group.freq_hz.push_back(1311.38e6 + 244140.625 * c);
    for (int t = 0; t < 24; ++t) group.time_s.push_back(12.884901888 * t);
    auto const at = stations(options.antennas);
    for (int a = 0; a < options.antennas; ++a)
        for (int b = a + 1; b < options.antennas; ++b) group.baselines.push_back({a, b});
    double const latitude = 37.2334 * degree_rad, dec = options.dec * degree_rad;
    for (double time : group.time_s) {
        double const h = (time - 0.5 * group.time_s.back()) * 1.00273790935 * 2 * pi / day_s;
        for (auto const& baseline : group.baselines) {
            double const east = at[baseline.ant2][0] - at[baseline.ant1][0],
                         north = at[baseline.ant2][1] - at[baseline.ant1][1];
            double const x = -north * std::sin(latitude), z = north * std::cos(latitude);
            double const r = x * std::cos(h) - east * std::sin(h);
            for (double coordinate : {x * std::sin(h) + east * std::cos(h), -r * std::sin(dec) + z * std::cos(dec),
                                      r * std::cos(dec) + z * std::sin(dec)})
                group.uvw_m.push_back(coordinate);
        }
    }
    Index const rows = group.nt() * group.nb();
    group.vis = Buffer<Vis>(device, rows * group.nc());
    group.flag = Buffer<std::uint8_t>(device, rows * group.nc());
    group.flag.clear();
    double const half = 0.5 * static_cast<double>(options.imsize) * options.cell * arcsec_rad;
    std::vector<std::array<double, 3>> const sources{
        {0.9 * half, -0.8 * half, 3.0}, {-0.5 * half, 0.3 * half, 2.0}, {0.05 * half, 0.1 * half, 1.0}};
    for (Index row = 0; row < rows; ++row) fill_row(group, row, sources);
    return group;
}

NodePlan plan_of(Group const& group, Options const& options)
{
    double const half = 0.5 * static_cast<double>(options.imsize) * options.cell * arcsec_rad;
    return make_node_plan({group.freq_hz, group.time_s, group.baselines,
                           make_view(group.uvw_m.data(), group.nt(), group.nb(), Index(3)), half, 0.5 * options.epsilon,
                           options.raw ? Compression::off : Compression::automatic});
}

/// All baselines, block by block as the road does it.
class Projection {
public:
    Projection(Group& group, NodePlan const& plan, Device const& device)
        : group_(group),
          plan_(plan),
          device_(device),
          rects_(to_device(device, plan.rects)),
          matrices_(to_device(device, plan.matrices)),
          weight_(device, static_cast<Index>(plan.rects.size()))
    {}

    void project(Buffer<Vis>& y)
    {
        for_each_block([&](Index first, Index n, Index r0, Index r1, Index v0, Index v1) {
            ProjectArgs args;
            args.in = {vis<Vis const>(first, n), flag(first, n), constant(&group_.weight, n, Index(1)), 0, -1};
            args.factor = make_constant_view<float const>(&group_.factor, group_.nt(), n, group_.nc());
            args.rects = rects_.view(rects_.size()).slice(0, r0, r1 - r0);
            args.first_baseline = first;
            args.first_value = v0;
            args.matrices = matrices_.view(matrices_.size());
            args.y = y.view(y.size()).slice(0, v0, v1 - v0);
            args.psf.data = nullptr;
            args.rect_weight = weight_.view(weight_.size()).slice(0, r0, r1 - r0);
            run(device_, args);
        });
    }

    void expand(Buffer<Vis> const& y, Buffer<Vis>& model)
    {
        for_each_block([&](Index first, Index n, Index r0, Index r1, Index v0, Index v1) {
            ExpandArgs args;
            args.y = y.view(y.size()).slice(0, v0, v1 - v0);
            args.rects = rects_.view(rects_.size()).slice(0, r0, r1 - r0);
            args.first_baseline = first;
            args.first_value = v0;
            args.matrices = matrices_.view(matrices_.size());
            args.vis = model.view(group_.nt(), group_.nb(), group_.nc()).slice(1, first, n);
            run(device_, args);
        });
    }

private:
    template<class Body>
    void for_each_block(Body body)
    {
        for (Index first = 0; first < group_.nb(); first += 64) {
            Index const n = std::min<Index>(64, group_.nb() - first);
            body(first, n, plan_.first_rect[first], plan_.first_rect[first + n], plan_.first_value[first],
                 plan_.first_value[first + n]);
        }
        finish(device_);
    }
    template<class T>
    View<T, 4> vis(Index first, Index n) const
    {
        return group_.vis.view(group_.nt(), group_.nb(), group_.nc(), Index(1)).slice(1, first, n);
    }
    View<std::uint8_t const, 4> flag(Index first, Index n) const
    {
        return group_.flag.view(group_.nt(), group_.nb(), group_.nc(), Index(1)).slice(1, first, n);
    }
    View<float const, 4> constant(float const* value, Index n, Index np) const
    {
        return make_constant_view(value, group_.nt(), n, group_.nc(), np);
    }

    Group& group_;
    NodePlan const& plan_;
    Device device_;
    Buffer<NodeRect> rects_;
    Buffer<float> matrices_;
    Buffer<double> weight_;
};

/// Relative L2 over some pixels of the image against the sum over all visibilities, recurrences along channels.
double error_at(Group const& group, Options const& options, std::vector<float> const& image,
                std::vector<std::array<Index, 2>> const& pixels)
{
    double difference = 0, norm = 0;
    Index const n = options.imsize;
    for (auto const& [y, x] : pixels) {
        double const cell = options.cell * arcsec_rad;
        double const l = -static_cast<double>(x - n / 2) * cell, m = static_cast<double>(y - n / 2) * cell;
        double const n1 = -(l * l + m * m) / (1 + std::sqrt(1 - l * l - m * m));
        double sum = 0;
        for (Index row = 0; row < group.nt() * group.nb(); ++row) {
            double const* uvw = group.uvw_m.data() + 3 * row;
            double const turns = -(uvw[0] * l + uvw[1] * m + uvw[2] * n1) / speed_of_light_m_s;
            auto factor = std::polar(1.0, 2 * pi * turns * group.freq_hz[0]);
            auto const step = std::polar(1.0, 2 * pi * turns * (group.freq_hz[1] - group.freq_hz[0]));
            Vis const* v = group.vis.data() + row * group.nc();
            double re = factor.real(), im = factor.imag();
            for (Index c = 0; c < group.nc(); ++c) {
                sum += static_cast<double>(v[c].re) * re - static_cast<double>(v[c].im) * im;
                double const next = re * step.real() - im * step.imag();
                im = re * step.imag() + im * step.real();
                re = next;
            }
        }
        double const d = static_cast<double>(image[y * n + x]) - sum;
        difference += d * d;
        norm += sum * sum;
    }
    return std::sqrt(difference / norm);
}

void check_image(Group const& group, Options const& options, std::vector<float> const& image)
{
    Index const n = options.imsize;
    std::mt19937 random(3);
    std::vector<std::array<Index, 2>> scattered, edge{{0, 0}, {0, n - 1}, {n - 1, 0}, {n - 1, n - 1}}, source;
    for (int i = 0; i < 12; ++i)
        scattered.push_back({static_cast<Index>(random() % n), static_cast<Index>(random() % n)});
    for (int i = 0; i < 4; ++i) {
        Index const along = static_cast<Index>(random() % n);
        edge.push_back(i % 2 ? std::array<Index, 2>{i / 2 * (n - 1), along}
                             : std::array<Index, 2>{along, i / 2 * (n - 1)});
    }
    auto const place = [&](double f) {
        return static_cast<Index>(std::lround(0.5 * static_cast<double>(n) * (1 + f)));
    };
    for (auto const& [l, m] : {std::array{0.9, -0.8}, {-0.5, 0.3}, {0.05, 0.1}})
        source.push_back({place(m), place(-l)});
    std::printf("error: random %.2e, on source %.2e, edge %.2e\n", error_at(group, options, image, scattered),
                error_at(group, options, image, source), error_at(group, options, image, edge));
}

/// Raw arrays for perf/peers/ducc_compare.py: rows in [integration][baseline] order.
void export_group(Group const& group, std::string const& directory)
{
    auto const write = [&](char const* file, void const* data, std::size_t bytes) {
        std::ofstream(directory + "/" + file, std::ios::binary)
            .write(static_cast<char const*>(data), static_cast<std::streamsize>(bytes));
    };
    write("uvw_m.f64", group.uvw_m.data(), group.uvw_m.size() * sizeof(double));
    write("freq_hz.f64", group.freq_hz.data(), group.freq_hz.size() * sizeof(double));
    write("vis.c64", group.vis.data(), group.vis.bytes());
}

void print_plan(GridderPlan const& plan, Index n_points, std::size_t bytes)
{
    auto const& lattice = plan.lattice;
    std::printf(
        "gridder: %ld points, %s pixels %ld, cells %ld (oversampling %.2f), support %d × %d, %ld planes, %ld tiles "
        "(%.1f %%), "
        "filter %d taps, %.2f GB\n",
        n_points, plan.half ? "every second, kept" : "all,", plan.n_kept, lattice.n,
        static_cast<double>(lattice.n) / static_cast<double>(plan.n_kept), lattice.support, lattice.support_w,
        lattice.n_planes, plan.n_tiles,
        100.0 * static_cast<double>(plan.n_tiles * 64) / static_cast<double>(lattice.n * lattice.n * lattice.n_planes),
        2 * plan.filter.half_taps, static_cast<double>(bytes) * 1e-9);
}

void time_dirty(Options const& options, Projection& projection, WGridder& gridder, Buffer<Vis>& y, Buffer<float>& image,
                double n_vis)
{
    for (int repeat = 0; repeat < options.repeats; ++repeat) {
        double const start = bench::seconds();
        auto const cpu_start = std::clock();  // of this process: what other programs take is left out
        projection.project(y);
        double const project_s = bench::seconds() - start;
        gridder.dirty(y, image);
        double const cpu_s = static_cast<double>(std::clock() - cpu_start) / CLOCKS_PER_SEC;
        auto const t = gridder.times();
        double const total = project_s + t.total_s();
        std::printf(
            "dirty   %.3f s, cpu %.3f s (%.1f M vis/s): project %.3f, grid %.3f (%.1f M points/s), fft %.3f, correct "
            "%.3f, "
            "upsample %.3f\n",
            total, cpu_s, n_vis / total * 1e-6, project_s, t.grid_s, static_cast<double>(y.size()) / t.grid_s * 1e-6,
            t.fft_s, t.correct_s, t.upsample_s);
    }
}

void time_predict(Options const& options, Projection& projection, WGridder& gridder, Buffer<Vis>& y,
                  Buffer<float> const& image, Buffer<Vis>& model)
{
    for (int repeat = 0; repeat < options.repeats; ++repeat) {
        auto const cpu_start = std::clock();
        gridder.predict(image, y);
        auto const t = gridder.times();
        double const start = bench::seconds();
        projection.expand(y, model);
        double const expand_s = bench::seconds() - start, total = t.total_s() + expand_s;
        double const cpu_s = static_cast<double>(std::clock() - cpu_start) / CLOCKS_PER_SEC;
        std::printf(
            "predict %.3f s, cpu %.3f s (%.1f M vis/s): upsample %.3f, correct %.3f, fft %.3f, degrid %.3f (%.1f M "
            "points/s), expand %.3f\n",
            total, cpu_s, static_cast<double>(model.size()) / total * 1e-6, t.upsample_s, t.correct_s, t.fft_s,
            t.grid_s, static_cast<double>(y.size()) / t.grid_s * 1e-6, expand_s);
    }
}

void benchmark(Options const& options)
{
    auto const device = make_device("auto");
    Group group = make_group(options, device);
    if (!options.export_to.empty()) export_group(group, options.export_to);
    double start = bench::seconds();
    NodePlan const plan = plan_of(group, options);
    double const node_plan_s = bench::seconds() - start;
    start = bench::seconds();
    WGridder gridder(device, {options.imsize, options.cell * arcsec_rad, {}}, 0.5 * options.epsilon, plan.geometry);
    double const n_vis = static_cast<double>(group.vis.size()), n_points = static_cast<double>(plan.geometry.n_points);
    std::printf("plan: nodes %.3f s, gridder %.3f s; %.2f M visibilities to %.3f M points (%.1f ×)\n", node_plan_s,
                bench::seconds() - start, n_vis * 1e-6, n_points * 1e-6, plan.ratio());
    print_plan(gridder.plan(), plan.geometry.n_points, gridder.device_bytes());
    Projection projection(group, plan, device);
    Buffer<Vis> y(device, plan.geometry.n_points);
    Buffer<float> image(device, options.imsize * options.imsize);
    image.clear();
    y.clear();
    time_dirty(options, projection, gridder, y, image, n_vis);
    if (options.check) check_image(group, options, image.to_host());
    Buffer<Vis> model(device, group.vis.size());
    model.clear();
    time_predict(options, projection, gridder, y, image, model);
    auto const& lattice = gridder.plan().lattice;
    double const flops = 4.0 * lattice.support * lattice.support * lattice.support_w;
    std::printf("one core: %.1f GB/s read, %.1f GF/s; a point is %.0f flops of taps: %.3f s at that rate\n",
                bench::read_bandwidth() * 1e-9, bench::peak_flops() * 1e-9, flops,
                flops * n_points / bench::peak_flops());
}

}  // namespace

int main(int argc, char** argv)
{
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    try {
        benchmark(parse(argc, argv));
    } catch (std::exception const& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
