// Every random number is drawn for its own place (sky/random.hpp), so rows may be made in any order.
#include "sky/instrument.hpp"

#include "nocturne/error.hpp"
#include "nocturne/text.hpp"
#include "sky/random.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

namespace nocturne {
namespace {

enum Stream : std::uint64_t { stream_gain = 1, stream_rfi, stream_rfi_phase, stream_noise, stream_zero };

constexpr Index zero_piece = 16;                 // channels lost together
constexpr double rfi_low = 1.5, rfi_high = 100;  // of the noise, as the flaggers' tests have it
constexpr double rfi_unit_jy = 2.3;              // noise of DSA-110, where none is asked for

bool parallel(Correlation c)
{
    return c == Correlation::XX || c == Correlation::YY || c == Correlation::RR || c == Correlation::LL ||
           c == Correlation::I;
}

/// Share of the drift's period that is over.
double drift_time(GroupHeader const& header, Index t, double period_s)
{
    constexpr double epoch_mjd_s = 60000 * day_s;
    if (period_s > 0) return (header.time_mjd_s[static_cast<std::size_t>(t)] - epoch_mjd_s) / period_s;
    return static_cast<double>(t) / static_cast<double>(header.time_mjd_s.size());
}

std::complex<float> times(std::complex<float> a, std::complex<float> b)
{
    return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

/// Of antennas, "0, 11, 21".
std::string numbers_of(std::vector<Baseline> const& baselines)
{
    std::set<int> numbers;
    for (auto const& [ant1, ant2] : baselines) numbers.insert({ant1, ant2});
    std::vector<std::string> words;
    for (int const number : numbers) words.push_back(std::to_string(number));
    return join(words);
}

}  // namespace

Instrument::Instrument(GroupHeader const& header, InstrumentOptions const& options)
    : options_(options),
      n_channels_(std::ssize(header.freq_hz)),
      n_correlations_(std::ssize(header.correlations)),
      n_antennas_(std::ssize(header.antennas)),
      n_integrations_(std::ssize(header.time_mjd_s)),
      baselines_(header.baselines),
      correlations_(header.correlations),
      channel_width_hz_(header.channel_width_hz),
      integration_s_(header.integration_s),
      dead_(header.antennas.size(), 0),
      rfi_jy_(static_cast<std::size_t>(n_integrations_ * n_channels_), 0.0F)
{
    for (int antenna : options.dead) {
        if (std::none_of(baselines_.begin(), baselines_.end(),
                         [&](Baseline const& b) { return b.ant1 == antenna || b.ant2 == antenna; }))
            throw Error(Code::usage, "dead antenna " + std::to_string(antenna) + " does not exist",
                        "it is none of those that take data: " + numbers_of(baselines_), "correct --dead");
        dead_[static_cast<std::size_t>(antenna)] = 1;
    }
    make_gains(header);
    make_rfi();
}

void Instrument::make_gains(GroupHeader const& header)
{
    auto const& o = options_;
    unit_gains_ = o.gain_amplitude_std == 0 && o.gain_phase_std_rad == 0 && o.delay_std_s == 0 &&
                  o.bandpass_ripple == 0 && o.drift_amplitude == 0 && o.drift_phase_rad == 0;
    double const f0 = header.freq_hz.front(), span = std::max(1.0, header.freq_hz.back() - f0), middle = f0 + span / 2;
    drift_.resize(static_cast<std::size_t>(n_integrations_ * n_antennas_ * n_correlations_));
    bandpass_.reserve(static_cast<std::size_t>(n_antennas_ * n_correlations_ * n_channels_));
    for (Index a = 0; a < n_antennas_; ++a)
        for (Index p = 0; p < n_correlations_; ++p) {
            Random random{o.gain_seed ? o.gain_seed : o.seed, stream_gain, static_cast<std::uint64_t>(a),
                          static_cast<std::uint64_t>(p)};
            double const amplitude = std::exp(o.gain_amplitude_std * random.normal()),
                         phase = o.gain_phase_std_rad * random.normal();
            double const delay_s = o.delay_std_s * random.normal();
            double const ripples = random.uniform(1, 3), ripple_phase = random.uniform(0, 2 * pi);
            double const turns = random.uniform(0.2, 1), from = random.uniform(0, 2 * pi),
                         phase_from = random.uniform(0, 2 * pi);
            for (double f : header.freq_hz) {
                double const ripple =
                    1 + o.bandpass_ripple * std::sin(2 * pi * ripples * (f - f0) / span + ripple_phase);
                bandpass_.emplace_back(std::polar(amplitude * ripple, phase + 2 * pi * (f - middle) * delay_s));
            }
            for (Index t = 0; t < n_integrations_; ++t) {
                double const at = 2 * pi * turns * drift_time(header, t, o.drift_period_s);
                drift_[(t * n_antennas_ + a) * n_correlations_ + p] = std::polar(
                    1 + o.drift_amplitude * std::sin(at + from), o.drift_phase_rad * std::sin(at + phase_from));
            }
        }
}

/// Narrow and lasting, broad and short, and patches, until enough cells are hit.
void Instrument::make_rfi()
{
    double const unit = options_.sefd_jy > 0 ? sigma_jy(0, 0) : rfi_unit_jy;
    Index const cells = n_integrations_ * n_channels_,
                wanted = static_cast<Index>(options_.rfi_fraction * static_cast<double>(cells));
    Random random{options_.seed, stream_rfi};
    for (Index hit = 0; hit < wanted;) {
        int const kind = static_cast<int>(random.below(3));
        Index const most = kind == 0 ? 3 : kind == 1 ? std::max<Index>(4, n_channels_ / 6) : 10;
        Index const width = std::min(n_channels_, 1 + random.below(most)),
                    first = random.below(n_channels_ - width + 1);
        Index const lasting =
            kind == 0 ? n_integrations_ : std::min(n_integrations_, 1 + random.below(kind == 1 ? 2 : 8));
        Index const start = random.below(n_integrations_ - lasting + 1);
        auto const jy = static_cast<float>(unit * rfi_low * std::pow(rfi_high / rfi_low, random.uniform()));
        for (Index t = start; t < start + lasting; ++t)
            for (Index c = first; c < first + width; ++c) {
                float& cell = rfi_jy_[t * n_channels_ + c];
                hit += cell == 0;
                cell = std::max(cell, jy);
            }
    }
}

double Instrument::sigma_jy(Index integration, Index channel) const
{
    return options_.sefd_jy / std::sqrt(2 * channel_width_hz_[channel] * integration_s_[integration]);
}

std::complex<float> Instrument::gain(Index integration, Index baseline, Index correlation, Index channel) const
{
    auto of = [&](Index antenna) {
        return times(bandpass_[(antenna * n_correlations_ + correlation) * n_channels_ + channel],
                     drift_[(integration * n_antennas_ + antenna) * n_correlations_ + correlation]);
    };
    return times(std::conj(of(baselines_[baseline].ant1)), of(baselines_[baseline].ant2));
}

void Instrument::observe(Index integration, Index baseline, Index first, Index n, float const* re, float const* im,
                         Vis* out) const
{
    auto const t = static_cast<std::uint64_t>(integration), b = static_cast<std::uint64_t>(baseline),
               c0 = static_cast<std::uint64_t>(first);
    auto const [ant1, ant2] = baselines_[baseline];
    bool const autocorrelation = ant1 == ant2, alive = !dead_[ant1] && !dead_[ant2];
    double const turn = 2 * pi * Random({options_.seed, stream_rfi_phase, t, b}).uniform();
    std::complex<float> const phase =
        autocorrelation ? std::complex<float>(1) : std::complex<float>(std::polar(1.0, turn));
    std::vector<float> noise;
    if (options_.sefd_jy > 0) {
        noise.resize(static_cast<std::size_t>(2 * n * n_correlations_));
        Random random{options_.seed, stream_noise, t, b, c0};
        fill_normal(random, noise.data(), std::ssize(noise));
    }
    for (Index p = 0; p < n_correlations_; ++p)
        for (Index c = 0; c < n; ++c) {
            std::complex<float> v{};
            if (alive && parallel(correlations_[p])) {
                v = {re[c], im[c]};
                if (!unit_gains_) v = times(v, gain(integration, baseline, p, first + c));
            }
            v += rfi_jy_[integration * n_channels_ + first + c] * (alive ? phase : std::complex<float>());
            if (!noise.empty()) {
                auto const sigma = static_cast<float>(sigma_jy(integration, first + c));
                std::complex<float> const deviates{noise[2 * (c * n_correlations_ + p)],
                                                   noise[2 * (c * n_correlations_ + p) + 1]};
                v += autocorrelation ? std::complex<float>(static_cast<float>(options_.sefd_jy) +
                                                           sigma * std::sqrt(2.0F) * deviates.real())
                                     : sigma * deviates;
            }
            out[c * n_correlations_ + p] = {v.real(), v.imag()};
        }
    for (Index c = 0; options_.zero_fraction > 0 && c < n; c += zero_piece)
        if (Random({options_.seed, stream_zero, t, b, c0 + static_cast<std::uint64_t>(c)}).uniform() <
            options_.zero_fraction)
            std::fill_n(out + c * n_correlations_, std::min(zero_piece, n - c) * n_correlations_, Vis{});
}

}  // namespace nocturne
