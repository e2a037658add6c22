// Geometry per antenna in double, once; then per row a rotor along channels for each source, eight channels at a time.
#include "sky/predictor.hpp"

#include "nocturne/error.hpp"
#include "sky/beam.hpp"
#include "sky/phasing.hpp"

#include <algorithm>
#include <cmath>
#include <complex>

namespace nocturne {
namespace {

constexpr int lanes = 8;
typedef float Lanes __attribute__((vector_size(lanes * sizeof(float)), aligned(4), may_alias));

/// sin x / x.
double sinc(double x)
{
    double const x2 = x * x;
    return x2 < 0.25 ? 1 - x2 / 6 * (1 - x2 / 20 * (1 - x2 / 42 * (1 - x2 / 72))) : std::sin(x) / x;
}

/// 2 J1(x)/x.
double disk_visibility(double x) { return x < 1e-3 ? 1 - x * x / 8 : 2 * std::cyl_bessel_j(1.0, x) / x; }

/// Mean over τ in [−1, 1] of τ² cos(xτ), over that of cos(xτ): how much of the curvature at the ends counts. 1/3 for slow fringes.
double curvature_share(double x)
{
    if (std::abs(x) < 0.05) return 1.0 / 3 - x * x * (2.0 / 45);
    double const s = std::sin(x);
    if (std::abs(s) < 0.05) return 1.0 / 3;  // hardly any fringe is left
    return 1 + 2 * std::cos(x) / (x * s) - 2 / (x * x);
}

std::complex<double> turn(double turns)
{
    double const angle = 2 * pi * (turns - std::rint(turns));
    return {std::cos(angle), std::sin(angle)};
}

/// The operator would test for NaN.
std::complex<double> product(std::complex<double> a, std::complex<double> b)
{
    return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

/// Unit vectors (ITRS axes) along a Gaussian's axes, from its own direction and one a little further north.
std::array<Vec3, 2> axes_of(Vec3 const& toward, Vec3 const& north_of_it, double pa_rad)
{
    double const along = dot(toward, north_of_it);
    Vec3 north{};
    for (std::size_t i = 0; i < 3; ++i) north[i] = north_of_it[i] - along * toward[i];
    double const length = std::sqrt(dot(north, north));
    for (auto& value : north) value /= length;
    Vec3 const east{north[1] * toward[2] - north[2] * toward[1], north[2] * toward[0] - north[0] * toward[2],
                    north[0] * toward[1] - north[1] * toward[0]};
    double const s = std::sin(pa_rad), c = std::cos(pa_rad);
    std::array<Vec3, 2> axes;
    for (std::size_t i = 0; i < 3; ++i)
        axes[0][i] = c * north[i] + s * east[i], axes[1][i] = c * east[i] - s * north[i];
    return axes;
}

/// A little further north; at the pole along the meridian of its right ascension.
Direction north_of(Direction const& at)
{
    constexpr double step = 1e-5;
    double const dec = at.dec.value() + step;
    return dec <= pi / 2 ? Direction{at.ra, Radians(dec)} : Direction{Radians(at.ra.value() + pi), Radians(pi - dec)};
}

double beam_diameter_m(GroupHeader const& header)
{
    auto const diameter = common_dish_diameter_m(header);
    if (!diameter)
        throw Error(Code::bad_input, "antennas have dishes of several sizes", "there is no common primary beam",
                    "model the sky without the beam: beam none (of a solution: model-beam none)");
    return *diameter;
}

}  // namespace

/// What add_source needs of (integration, baseline, source).
struct Predictor::Fringe {
    double delay_s = 0;   ///< f × this = turns
    double smear_s = 0;   ///< f × this = half the phase range over the integration, rad
    double width_s2 = 0;  ///< f² × this: exponent of a Gaussian's G, or x² / (4 ln 2) of a disk's
    bool disk = false;

    /// What is left of the fringe at a frequency: averages and G.
    double left_at(double freq_hz) const
    {
        double const averaged = sinc(smear_s * freq_hz);
        if (width_s2 <= 0) return averaged;
        double const squared = width_s2 * freq_hz * freq_hz;
        return averaged * (disk ? disk_visibility(std::sqrt(4 * std::log(2.0) * squared)) : std::exp(-squared));
    }
};

Predictor::Predictor(GroupHeader const& header, std::vector<Source> const& sources, SkyOptions const& options,
                     EarthOrientation const& earth)
    : options_(options),
      centre_(default_centre(header, earth)),
      n_sources_(std::ssize(sources)),
      n_channels_(std::ssize(header.freq_hz)),
      n_antennas_(std::ssize(header.antennas)),
      baselines_(header.baselines),
      offset_s_(header.offset_s),
      freq_hz_(header.freq_hz),
      integration_s_(header.integration_s),
      channel_width_hz_(header.channel_width_hz)
{
    GroupMoments const moments(header, earth);
    if (header.ragged())
        throw Error(Code::bad_input, "cannot predict visibilities of this group",
                    "its baselines have times of their own",
                    "resample them to common times, or take a group that has them");
    Index const cells = moments.size() * n_sources_;
    paths_.resize(static_cast<std::size_t>(cells * n_antennas_));
    flux_.resize(static_cast<std::size_t>(cells * n_channels_));
    beam_.assign(static_cast<std::size_t>(cells * n_channels_), 1.0F);
    double const diameter = options.beam == BeamModel::airy ? beam_diameter_m(header) : 0;
    std::vector<Vec3> toward(sources.size());
    std::vector<std::array<Vec3, 2>> shapes(sources.size());
    if (std::any_of(sources.begin(), sources.end(), [](Source const& s) { return s.major_rad > 0; }))
        widths_.resize(paths_.size());
    for (auto const& source : sources) disk_.push_back(source.disk);
    for (Index t = 0; t < moments.size(); ++t) {
        Instant const& now = moments.instant(t);
        auto const axes = now.uvw_axes(centre_);
        auto const in_sky = [&](Direction const& direction) {
            auto const lmn = direction_cosines(direction, centre_);
            Vec3 place{};
            for (std::size_t i = 0; i < 3; ++i) place[i] = lmn[0] * axes.u[i] + lmn[1] * axes.v[i] + lmn[2] * axes.w[i];
            return place;
        };
        for (std::size_t s = 0; s < sources.size(); ++s) {
            toward[s] = in_sky(sources[s].direction);
            if (!widths_.empty())
                shapes[s] = axes_of(toward[s], in_sky(north_of(sources[s].direction)), sources[s].pa_rad);
            if (options.aberration == Aberration::each) toward[s] = now.itrs(now.apparent(sources[s].direction));
        }
        set_paths(header, t, toward, moments.stopped_toward(t));
        set_widths(header, t, sources, shapes);
        set_beam(header, t, toward, moments.beam_axis(t), diameter);
        for (Index s = 0; s < n_sources_; ++s)
            for (Index c = 0; c < n_channels_; ++c)
                flux_[at(t, s) * n_channels_ + c] = static_cast<float>(sources[s].flux_at(freq_hz_[c])) * beam(t, s, c);
    }
}

void Predictor::set_paths(GroupHeader const& header, Index integration, std::vector<Vec3> const& toward,
                          Vec3 const& stopped)
{
    double const w = earth_turn_rad_per_s;
    for (Index s = 0; s < n_sources_; ++s) {
        Vec3 d{};
        for (std::size_t i = 0; i < 3; ++i) d[i] = toward[s][i] - stopped[i];
        Vec3 const rate{w * d[1], -w * d[0], 0},
            curve{-w * w * d[0], -w * w * d[1], 0};  // the sky turns west in ITRS axes
        for (Index a = 0; a < n_antennas_; ++a) {
            auto const& position = header.antennas[a].position_m;
            paths_[at(integration, s) * n_antennas_ + a] = {dot(position, d), dot(position, rate),
                                                            dot(position, curve)};
        }
    }
}

void Predictor::set_widths(GroupHeader const& header, Index integration, std::vector<Source> const& sources,
                           std::vector<std::array<Vec3, 2>> const& axes)
{
    if (widths_.empty()) return;
    double const factor = pi / (2 * std::sqrt(std::log(2.0)) * speed_of_light_m_s);
    for (Index s = 0; s < n_sources_; ++s)
        for (Index a = 0; a < n_antennas_; ++a) {
            auto const& position = header.antennas[a].position_m;
            widths_[at(integration, s) * n_antennas_ + a] = {factor * sources[s].major_rad * dot(position, axes[s][0]),
                                                             factor * sources[s].minor_rad * dot(position, axes[s][1])};
        }
}

void Predictor::set_beam(GroupHeader const& header, Index integration, std::vector<Vec3> const& toward,
                         Vec3 const& axis, double diameter_m)
{
    if (diameter_m <= 0) return;
    for (Index s = 0; s < n_sources_; ++s) {
        double const cosine = dot(toward[s], axis);
        double const x = pi * diameter_m * std::sqrt(std::max(0.0, 1 - cosine * cosine)) / speed_of_light_m_s;
        for (Index c = 0; c < n_channels_; ++c)
            beam_[at(integration, s) * n_channels_ + c] =
                cosine > 0 ? static_cast<float>(airy_power_of(x * header.freq_hz[c])) : 0.0F;
    }
}

void Predictor::vary(Index source, std::vector<double> const& factor)
{
    for (Index t = 0; t < std::ssize(factor); ++t)
        for (Index c = 0; c < n_channels_; ++c)
            flux_[at(t, source) * n_channels_ + c] *= static_cast<float>(factor[static_cast<std::size_t>(t)]);
}

Predictor::Fringe Predictor::fringe(Index integration, Index baseline, Index source) const
{
    Path const* paths = &paths_[at(integration, source) * n_antennas_];
    Path const &one = paths[baselines_[baseline].ant1], &two = paths[baselines_[baseline].ant2];
    double const late_s = offset_s_.empty() ? 0 : offset_s_[integration * std::ssize(baselines_) + baseline];
    Fringe f;
    f.delay_s = (two.metres - one.metres + late_s * (two.rate - one.rate + late_s / 2 * (two.curve - one.curve))) /
                speed_of_light_m_s;
    if (!widths_.empty()) {
        Width const* const widths = &widths_[at(integration, source) * n_antennas_];
        double const major = widths[baselines_[baseline].ant2].major_s - widths[baselines_[baseline].ant1].major_s,
                     minor = widths[baselines_[baseline].ant2].minor_s - widths[baselines_[baseline].ant1].minor_s;
        f.width_s2 = major * major + minor * minor;
        f.disk = disk_[static_cast<std::size_t>(source)] != 0;
    }
    if (options_.smearing == Smearing::none) return f;
    double const half_s = integration_s_[integration] / 2;
    f.smear_s = 2 * pi * (two.rate - one.rate) * half_s / speed_of_light_m_s;
    double const share = curvature_share(f.smear_s * freq_hz_[n_channels_ / 2]);
    f.delay_s += 0.5 * (two.curve - one.curve) * half_s * half_s * share / speed_of_light_m_s;
    return f;
}

Predictor::BandFringe Predictor::band_fringe(Index integration, Index baseline, Index source) const
{
    auto const f = fringe(integration, baseline, source);
    double const width =
        options_.smearing == Smearing::sky ? sinc(pi * f.delay_s * channel_width_hz_[n_channels_ / 2]) : 1;
    double const f0 = freq_hz_.front(), f1 = freq_hz_.back();
    double const a = width * f.left_at(f0), b = width * f.left_at((f0 + f1) / 2), c = width * f.left_at(f1);
    return {f.delay_s,
            {static_cast<float>(a), static_cast<float>(4 * b - 3 * a - c), static_cast<float>(2 * a + 2 * c - 4 * b)}};
}

void Predictor::add_row(Index integration, Index baseline, Index first, Index n, float* re, float* im) const
{
    constexpr Index longest = 64;
    for (Index start = first; start < first + n;) {
        double const step = start + 1 < first + n ? freq_hz_[start + 1] - freq_hz_[start] : 0;
        Index end = start + 1;  // a piece is uniform in frequency to 1e-9 of the frequency
        while (end < first + n && end < start + longest &&
               std::abs(freq_hz_[end] - freq_hz_[start] - step * static_cast<double>(end - start)) <
                   1e-10 * freq_hz_[start])
            ++end;
        for (Index s = 0; s < n_sources_; ++s)
            add_source(fringe(integration, baseline, s), start, end - start,
                       &flux_[at(integration, s) * n_channels_ + start], re + (start - first), im + (start - first));
        start = end;
    }
}

void Predictor::add_source(Fringe const& f, Index first, Index n, float const* flux, float* re, float* im) const
{
    double const f0 = freq_hz_[first], f1 = freq_hz_[first + n - 1],
                 span = std::max<double>(1, static_cast<double>(n - 1));
    double const width = options_.smearing == Smearing::sky ? sinc(pi * f.delay_s * channel_width_hz_[first]) : 1;
    double const a = width * f.left_at(f0), b = width * f.left_at((f0 + f1) / 2), c = width * f.left_at(f1);
    // The parabola through the smearing at both ends and the middle of the piece.
    auto const m0 = static_cast<float>(a), m1 = static_cast<float>((4 * b - 3 * a - c) / span),
               m2 = static_cast<float>((2 * a + 2 * c - 4 * b) / (span * span));
    auto const start = turn(f.delay_s * f0), step = turn(f.delay_s * (f1 - f0) / span);
    Lanes cr{}, ci{}, k{};
    auto z = start, ahead = step;
    for (int l = 0; l < lanes; ++l) {
        cr[l] = static_cast<float>(z.real());
        ci[l] = static_cast<float>(z.imag());
        k[l] = static_cast<float>(l);
        z = product(z, step);
    }
    for (int power = 1; power < lanes; power *= 2) ahead = product(ahead, ahead);
    auto const ar = static_cast<float>(ahead.real()), ai = static_cast<float>(ahead.imag());
    Index i = 0;
    for (; i + lanes <= n; i += lanes) {
        Lanes const amplitude = *reinterpret_cast<Lanes const*>(flux + i) * (m0 + k * (m1 + k * m2));
        *reinterpret_cast<Lanes*>(re + i) += amplitude * cr;
        *reinterpret_cast<Lanes*>(im + i) += amplitude * ci;
        Lanes const next = cr * ar - ci * ai;
        ci = cr * ai + ci * ar;
        cr = next;
        k += static_cast<float>(lanes);
    }
    for (int l = 0; i < n; ++i, ++l) {
        float const amplitude = flux[i] * (m0 + k[l] * (m1 + k[l] * m2));
        re[i] += amplitude * cr[l];
        im[i] += amplitude * ci[l];
    }
}

}  // namespace nocturne
