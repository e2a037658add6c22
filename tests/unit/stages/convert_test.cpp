// Stage `convert` on data made from the definition: a point source seen in each of the three states of phase.
#include "nocturne/stage.hpp"
#include "sky/frames.hpp"

#include <gtest/gtest.h>
#include <complex>

namespace nocturne {
namespace {

/// Five antennas, three integrations, four channels, one correlation, on one block.
struct Scene {
    GroupState state;
    EarthOrientation earth = EarthOrientation::load(NOCTURNE_SOURCE_DIR "/jobs/earth/earth_orientation.txt");
    std::vector<Vis> vis;
    std::vector<double> uvw;
    VisBlock block;

    Scene(PhaseReference reference, Direction direction)
    {
        auto& h = state.header;
        h.site = {"OVRO_MMA", 37.2334 * degree_rad, -118.2834 * degree_rad, 1188, "header"};
        h.centres.front().kind = reference;
        h.centres.front().direction = direction;
        h.freq_hz = {1.31e9, 1.35e9, 1.40e9, 1.49e9};
        for (int t = 0; t < 3; ++t) h.time_mjd_s.push_back(61000.3 * day_s + 150.0 * t);
        double const xyz[5][3] = {{0, 0, 0}, {900, -700, 1300}, {-300, 200, -90}, {-87, 1307, 1466}, {-935, 358, -175}};
        for (int a = 0; a < 5; ++a)
            h.antennas.push_back({std::to_string(a), a, {xyz[a][0], xyz[a][1], xyz[a][2]}, 4.65});
        for (int b = 0; b < 5; ++b)
            for (int a = 0; a <= b; ++a) h.baselines.push_back({a, b});
        Index const nb = std::ssize(h.baselines);
        vis.resize(3 * nb * 4);
        uvw.resize(3 * nb * 3);
        block = {0, make_view(vis.data(), 3, nb, 4, 1), {}, {}, make_view(uvw.data(), 3, nb, 3)};
    }

    /// 1 Jy at an ICRS direction, phases from apparent places alone.
    void observe(Direction source)
    {
        auto const& h = state.header;
        auto const times = instants(h, earth);
        for (Index t = 0; t < 3; ++t) {
            auto const s = times[t].itrs(times[t].apparent(source));
            Vec3 s0{};
            if (h.centres.front().kind == PhaseReference::meridian)
                s0 = times[t].itrs({Radians(0), h.centres.front().direction.dec});
            if (h.centres.front().kind == PhaseReference::icrs)
                s0 = times[t].itrs(times[t].apparent(h.centres.front().direction));
            for (Index b = 0; b < std::ssize(h.baselines); ++b)
                for (Index c = 0; c < 4; ++c) {
                    double path = 0;
                    for (std::size_t i = 0; i < 3; ++i)
                        path += (h.antennas[h.baselines[b].ant2].position_m[i] -
                                 h.antennas[h.baselines[b].ant1].position_m[i]) *
                                (s[i] - s0[i]);
                    auto const v =
                        std::polar(1.0, std::remainder(2 * pi * h.freq_hz[c] * path / speed_of_light_m_s, 2 * pi));
                    block.vis(t, b, c, 0) = {static_cast<float>(v.real()), static_cast<float>(v.imag())};
                }
        }
    }

    void convert(std::map<std::string, ParamValue> const& given)
    {
        auto const& type = stage_type("convert");
        auto passes = type.make(Params(type.params, given));
        passes.front()->prepare(state);
        passes.front()->run(block, state);
    }

    double worst_phase() const
    {
        double worst = 0;
        for (auto const& v : vis)
            worst = std::max(worst, std::abs(std::atan2(static_cast<double>(v.im), static_cast<double>(v.re))));
        return worst;
    }
};

std::string degrees_text(Direction d)
{
    char text[80];
    std::snprintf(text, sizeof text, "%.15g,%.15g", d.ra.value() / degree_rad, d.dec.value() / degree_rad);
    return text;
}

TEST(Convert, SourceAtTheCentreHasPhaseZeroWhateverTheStateOfTheFiles)
{
    Direction const source{degrees(150), degrees(54)};
    for (auto reference : {PhaseReference::meridian, PhaseReference::unphased, PhaseReference::icrs}) {
        Scene scene(reference, {degrees(151), degrees(54.5)});
        scene.observe(source);
        EXPECT_GT(scene.worst_phase(), 1);
        scene.convert({{"phase-center", degrees_text(source)}});
        EXPECT_LT(scene.worst_phase(), 1e-5);
        EXPECT_LT(separation(scene.state.centre, source).value(), 1e-12);
    }
}

TEST(Convert, DefaultCentreOfMeridianDataIsTheMeridianAtMidTime)
{
    Scene scene(PhaseReference::meridian, {Radians(0), degrees(54.5)});
    auto const expected = instants(scene.state.header, scene.earth)[1].meridian(degrees(54.5));
    scene.observe(expected);
    scene.convert({});
    EXPECT_LT(scene.worst_phase(), 1e-5);
    EXPECT_LT(separation(scene.state.centre, expected).value(), 1e-12);
    EXPECT_NE(scene.state.earth_note.find("UT1-UTC"), std::string::npos);
}

TEST(Convert, UvwIsAntennaTwoMinusAntennaOneTowardTheCentre)
{
    Scene scene(PhaseReference::unphased, {});
    scene.convert({{"phase-center", std::string("359.95,-20")}});
    auto const times = instants(scene.state.header, scene.earth);
    auto const axes = times[2].uvw_axes({degrees(359.95), degrees(-20)});
    Index const b = 4;  // 1-2
    Vec3 difference{};
    for (std::size_t i = 0; i < 3; ++i)
        difference[i] = scene.state.header.antennas[2].position_m[i] - scene.state.header.antennas[1].position_m[i];
    EXPECT_NEAR(scene.block.uvw_m(2, b, 0), dot(axes.u, difference), 1e-9);
    EXPECT_NEAR(scene.block.uvw_m(2, b, 1), dot(axes.v, difference), 1e-9);
    EXPECT_NEAR(scene.block.uvw_m(2, b, 2), dot(axes.w, difference), 1e-9);
}

TEST(Convert, PhasedDataStayUntouchedAtTheirOwnCentre)
{
    Scene scene(PhaseReference::icrs, {degrees(151), degrees(54.5)});
    scene.observe({degrees(150), degrees(54)});
    auto const before = scene.vis;
    scene.convert({});
    for (std::size_t i = 0; i < before.size(); ++i) ASSERT_EQ(scene.vis[i].im, before[i].im);
}

TEST(Convert, EachIntegrationKeepsItsOwnCentreAndACalibratorNamesItsField)
{
    Scene scene(PhaseReference::meridian, {Radians(0), degrees(30.5)});
    auto& times = scene.state.header.time_mjd_s;
    auto const ra_of = [&](Index t) {
        return instants(scene.state.header, scene.earth)[static_cast<std::size_t>(t)]
            .meridian(degrees(30.5))
            .ra.value();
    };
    double const late_s = (202.7845 * degree_rad - ra_of(1)) / (2 * pi) * 86164.09;  // 3C286 transits at the second
    for (double& time : times) time += late_s;
    scene.observe({degrees(202.9), degrees(30.6)});
    auto const before = scene.vis;
    scene.convert({{"phase-center", std::string("each")}});
    ASSERT_EQ(scene.state.moment_centres.size(), 3U);
    EXPECT_NEAR(scene.state.moment_centres[2].ra.value(), ra_of(2), 1e-9);
    EXPECT_EQ(scene.state.field_names, (std::vector<std::string>{"meridian_icrs_t0", "3C286_t1", "meridian_icrs_t2"}));
    for (std::size_t i = 0; i < before.size(); ++i) ASSERT_NEAR(scene.vis[i].im, before[i].im, 1e-5);
}

TEST(Convert, ACalibratorMayBeTheCentre)
{
    for (auto const* wanted : {"calibrator", "calibrator:3C286"}) {
        Scene scene(PhaseReference::icrs, {degrees(202.5), degrees(30.2)});
        scene.convert({{"phase-center", std::string(wanted)}});
        EXPECT_NEAR(scene.state.centre.ra.value() / degree_rad, 202.784533267, 1e-9);
        EXPECT_EQ(scene.state.field_names, std::vector<std::string>{"3C286"});
    }
    Scene elsewhere(PhaseReference::icrs, {degrees(202.5), degrees(-80)});
    EXPECT_THROW(elsewhere.convert({{"phase-center", std::string("calibrator")}}), Error);
    EXPECT_THROW(elsewhere.convert({{"phase-center", std::string("calibrator:3C999")}}), Error);
}

TEST(Convert, TheMeridianOfMidTimeMayBeTheCentreOfPhasedData)
{
    Scene scene(PhaseReference::icrs, {degrees(202.5), degrees(30.2)});
    scene.convert({{"phase-center", std::string("meridian")}});
    auto const middle = instants(scene.state.header, scene.earth)[1];
    EXPECT_NEAR(middle.apparent(scene.state.centre).hour_angle.value(), 0, 1e-12);
    EXPECT_NEAR(middle.apparent(scene.state.centre).dec.value(),
                middle.apparent({degrees(202.5), degrees(30.2)}).dec.value(), 1e-12);
}

TEST(Convert, BadCentresAndDatesAreNamed)
{
    Scene scene(PhaseReference::meridian, {Radians(0), degrees(54.5)});
    for (auto const* text : {"150", "150,", "a,b", "150,95", "150,54 ", "nan,3"})
        EXPECT_THROW(scene.convert({{"phase-center", std::string(text)}}), Error) << text;
    for (auto& time : scene.state.header.time_mjd_s) time += 20000 * day_s;
    EXPECT_THROW(scene.convert({{"strict-earth", true}}), Error);
    scene.convert({});
    ASSERT_EQ(scene.state.notes.size(), 1U);
    EXPECT_NE(scene.state.notes.front().find("outside"), std::string::npos);
}

}  // namespace
}  // namespace nocturne
