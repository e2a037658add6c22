#include "stages/image/primary_beam.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace nocturne {
namespace {

/// Pixels between two places that the beam is taken at, at most.
constexpr Index most_apart = 32;

/// Weights of the four values around a place `t` in [0, 1) after the second of them (Lagrange).
std::array<double, 4> cubic(double t)
{
    return {-t * (t - 1) * (t - 2) / 6, (t + 1) * (t - 1) * (t - 2) / 2, -(t + 1) * t * (t - 2) / 2,
            (t + 1) * t * (t - 1) / 6};
}

/// A function of [0, end], tabulated.
class BeamTable {
public:
    template<class Function>
    BeamTable(Index n, double end, Function const& function) : scale_(static_cast<double>(n) / end)
    {
        for (Index i = -1; i <= n + 2; ++i) values_.push_back(function(std::abs(static_cast<double>(i)) / scale_));
    }
    double operator()(double x) const
    {
        double const at = std::min(x * scale_, static_cast<double>(values_.size() - 4) - 1e-9), whole = std::floor(at);
        auto const* v = values_.data() + static_cast<Index>(whole);
        auto const w = cubic(at - whole);
        return w[0] * v[0] + w[1] * v[1] + w[2] * v[2] + w[3] * v[3];
    }

private:
    double scale_;
    std::vector<double> values_;  // from −1 on: every function here is even
};

/// What is needed of one moment: where it looked, and its share of the beam by sin θ.
struct MomentBeam {
    Vec3 toward;
    BeamTable power;
};

Vec3 at_pixel(ImageGeometry const& g, double y, double x)
{
    double const half = static_cast<double>(g.n_pixels / 2);
    double const l = -(x - half) * g.cell_rad, m = (y - half) * g.cell_rad;
    return {l, m, std::sqrt(std::max(0.0, 1 - l * l - m * m))};
}

std::vector<MomentBeam> beams_of_moments(PrimaryBeamArgs const& args)
{
    auto const& w = args.weights;
    double total = 0;
    for (auto units : w.units) total += static_cast<double>(units);
    NOCT_CHECK(total > 0, "a primary beam without weights");
    // Cubics look a little beyond the edges.
    double const low = -2.0 * most_apart, high = static_cast<double>(args.geometry.n_pixels) + 2 * most_apart;
    double const per_hz = args.beam.radians_per_hz();
    BeamTable const round(1 << 15, per_hz * *std::max_element(w.freq_hz.begin(), w.freq_hz.end()),
                          [&](double x) { return args.beam.of(x); });
    std::vector<MomentBeam> beams;
    for (Index m = 0; m < w.n_moments; ++m) {
        auto const* units = w.units.data() + m * w.n_groups;
        if (std::all_of(units, units + w.n_groups, [](std::int64_t u) { return u == 0; })) continue;
        Vec3 const toward = direction_cosines(args.pointings[static_cast<std::size_t>(m)], args.geometry.centre);
        double reach = 0;
        for (double y : {low, high})
            for (double x : {low, high}) reach = std::max(reach, sine_between(at_pixel(args.geometry, y, x), toward));
        beams.push_back({toward, BeamTable(1024, reach, [&](double sine) {
                             double sum = 0;
                             for (Index g = 0; g < w.n_groups; ++g)
                                 sum += static_cast<double>(units[g]) *
                                        round(per_hz * w.freq_hz[static_cast<std::size_t>(g)] * sine);
                             return sum / total;
                         })});
    }
    return beams;
}

/// Of a beam that is not round: the same sum, place by place.
class MapMean {
public:
    explicit MapMean(PrimaryBeamArgs const& args) : args_(args)
    {
        for (auto const& pointing : args.pointings)
            toward_.push_back(direction_cosines(pointing, args.geometry.centre));
        for (auto units : args.weights.units) total_ += static_cast<double>(units);
        NOCT_CHECK(total_ > 0, "a primary beam without weights");
    }
    double at(Vec3 const& place) const
    {
        auto const& w = args_.weights;
        double sum = 0;
        for (std::size_t i = 0; i < w.units.size(); ++i)
            if (w.units[i] != 0)
                sum += static_cast<double>(w.units[i]) *
                       args_.beam.power(place, toward_[i / static_cast<std::size_t>(w.n_groups)],
                                        w.freq_hz[i % static_cast<std::size_t>(w.n_groups)]);
        return sum / total_;
    }

private:
    PrimaryBeamArgs const& args_;
    std::vector<Vec3> toward_;
    double total_ = 0;
};

/// The beam at a place, by the way that its shape allows.
class MeanBeam {
public:
    explicit MeanBeam(PrimaryBeamArgs const& args)
    {
        if (args.beam.round())
            moments_ = beams_of_moments(args);
        else
            map_.emplace(args);
    }
    double at(Vec3 const& place) const
    {
        if (map_) return map_->at(place);
        double sum = 0;
        for (auto const& beam : moments_) sum += beam.power(sine_between(place, beam.toward));
        return sum;
    }

private:
    std::vector<MomentBeam> moments_;
    std::optional<MapMean> map_;
};

/// Pixels between two places that the beam is taken at.
Index pixels_apart(PrimaryBeamArgs const& args)
{
    auto const& freq = args.weights.freq_hz;
    double const width = args.beam.width_rad(*std::max_element(freq.begin(), freq.end()));
    return std::clamp<Index>(static_cast<Index>(0.01 * width / args.geometry.cell_rad), 1, most_apart);
}

}  // namespace

std::vector<float> primary_beam(PrimaryBeamArgs const& args)
{
    NOCT_CHECK(static_cast<Index>(args.pointings.size()) == args.weights.n_moments,
               "one pointing per moment is needed");
    MeanBeam const beam(args);
    Index const n = args.geometry.n_pixels, step = pixels_apart(args), coarse = (n - 1) / step + 4;
    std::vector<double> places(static_cast<std::size_t>(coarse * coarse)), row(static_cast<std::size_t>(coarse));
    for (Index j = 0; j < coarse; ++j)
        for (Index i = 0; i < coarse; ++i) {
            auto const at =
                at_pixel(args.geometry, static_cast<double>((j - 1) * step), static_cast<double>((i - 1) * step));
            places[static_cast<std::size_t>(j * coarse + i)] = beam.at(at);
        }
    std::vector<float> pb(static_cast<std::size_t>(n * n));
    for (Index y = 0; y < n; ++y) {
        auto const wy = cubic(static_cast<double>(y % step) / static_cast<double>(step));
        auto const* from = places.data() + y / step * coarse;
        for (Index i = 0; i < coarse; ++i)
            row[static_cast<std::size_t>(i)] = wy[0] * from[i] + wy[1] * from[coarse + i] +
                                               wy[2] * from[2 * coarse + i] + wy[3] * from[3 * coarse + i];
        for (Index x = 0; x < n; ++x) {
            auto const w = cubic(static_cast<double>(x % step) / static_cast<double>(step));
            auto const* v = row.data() + x / step;
            pb[static_cast<std::size_t>(y * n + x)] =
                static_cast<float>(w[0] * v[0] + w[1] * v[1] + w[2] * v[2] + w[3] * v[3]);
        }
    }
    return pb;
}

}  // namespace nocturne
