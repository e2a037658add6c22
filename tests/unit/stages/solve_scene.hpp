// A simulated calibrator of twelve antennas in one block, for tests of stage `solve`: solved gains beside those that were put in.
#pragma once

#include "nocturne/stage.hpp"
#include "sky/catalogue.hpp"
#include "sky/phasing.hpp"
#include "sky/simulator.hpp"
#include "tests/unit/stages/travel.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <fstream>

#include <unistd.h>

namespace nocturne::solve_scene {

using Given = std::map<std::string, ParamValue>;
using Complex = std::complex<double>;

/// Everything in one block: 12 stations of DSA-110, 8 integrations, 64 channels, XX and YY, one source at the centre.
struct Scene {
    GroupState state;
    std::optional<Instrument> instrument;
    std::vector<Vis> vis;
    std::vector<std::uint8_t> flag;
    std::vector<float> weight{1};
    std::string model =
        ::testing::TempDir() + "solve_model_" + std::to_string(getpid()) + "_" + std::to_string(++scenes()) + ".csv";
    VisBlock block;

    static int& scenes()
    {
        static int n = 0;
        return n;
    }
    ~Scene() { std::remove(model.c_str()); }
    explicit Scene(InstrumentOptions const& options, double flux_jy = 20)
    {
        auto const telescope = load_telescope(NOCTURNE_SOURCE_DIR "/jobs/telescopes/dsa110.yaml");
        ObservationOptions observation;
        observation.antennas = 12;
        observation.integrations = 8;
        observation.subbands = 4;
        observation.channels = 16;
        observation.dec = degrees(54.6);
        observation.start = MjdSeconds(61000.3 * day_s);
        state.header = simulated_header(telescope, observation);
        state.header.group_id = "2026-03-01T05:00:00";
        auto const earth = EarthOrientation::load("");
        Source source;
        source.name = "CAL";
        source.direction = default_centre(state.header, earth);
        source.flux_jy = flux_jy;
        std::ofstream(model) << sources_csv({source});
        Predictor const sky(state.header, {source}, {}, earth);
        instrument.emplace(state.header, options);
        Index const nt = 8, nb = std::ssize(state.header.baselines), nc = 64;
        vis.resize(static_cast<std::size_t>(nt * nb * nc * 2));
        flag.resize(vis.size());
        auto const view = make_view(vis.data(), nt, nb, nc, Index(2));
        Simulator(state.header, sky, *instrument).fill(0, nc, view);
        block = {0,
                 view,
                 make_view(flag.data(), nt, nb, nc, Index(2)),
                 make_constant_view<float const>(weight.data(), nt, nb, nc, Index(2)),
                 {}};
    }

    std::vector<CalTable> const& solve(Given given = {})
    {
        given.try_emplace("model", model);
        test::travel("solve", given, block, state);
        return state.solutions;
    }

    Index station(CalTable const& table, std::size_t antenna) const
    {
        for (Index a = 0; a < std::ssize(state.header.antennas); ++a)
            if (state.header.antennas[static_cast<std::size_t>(a)].number == table.antennas[antenna].number) return a;
        return -1;
    }
    /// The gain put in; integration −1: without the drift.
    Complex truth(CalTable const& table, std::size_t antenna, Index hand, Index channel, Index integration) const
    {
        Index const a = station(table, antenna), na = std::ssize(state.header.antennas);
        Complex const band = instrument->bandpass()[static_cast<std::size_t>((a * 2 + hand) * 64 + channel)];
        if (integration < 0) return band;
        return band * Complex(instrument->drift()[static_cast<std::size_t>((integration * na + a) * 2 + hand)]);
    }
};

inline InstrumentOptions usual(double sefd_jy)
{
    InstrumentOptions options;
    options.gain_amplitude_std = 0.15;
    options.gain_phase_std_rad = 1;
    options.delay_std_s = 5e-9;
    options.bandpass_ripple = 0.1;
    options.sefd_jy = sefd_jy;
    return options;
}

/// The product of all tables at a channel and an integration of eight.
inline Complex total(std::vector<CalTable> const& tables, std::size_t a, std::size_t p, std::size_t c, std::size_t t,
                     double freq_hz)
{
    Complex g = 1;
    for (auto const& table : tables) {
        if (table.kind == CalKind::delay)
            g *= std::polar(1.0, 2 * pi * (freq_hz - table.reference_hz) * table.delay_s[table.at(0, a, p, 0)]);
        else if (table.kind == CalKind::bandpass)
            g *= Complex(table.gain[table.at(0, a, p, c)]);
        else
            g *= Complex(table.gain[table.at(t * table.intervals.size() / 8, a, p, 0)]);
    }
    return g;
}

/// Σ over antennas of solved / true has its phase taken off; returns each antenna's relative error.
inline std::vector<Complex> errors(Scene const& scene, std::vector<CalTable> const& tables, Index p, Index c, Index t)
{
    std::vector<Complex> ratio;
    Complex sum;
    auto const& first = tables.front();
    for (std::size_t a = 0; a < first.antennas.size(); ++a) {
        Complex const got = total(tables, a, static_cast<std::size_t>(p), static_cast<std::size_t>(c),
                                  static_cast<std::size_t>(t), scene.state.header.freq_hz[static_cast<std::size_t>(c)]);
        ratio.push_back(got / scene.truth(first, a, p, c, t));
        sum += ratio.back() / std::abs(ratio.back());
    }
    for (auto& r : ratio) r = r * std::conj(sum) / std::abs(sum) - 1.0;
    return ratio;
}

}  // namespace nocturne::solve_scene
