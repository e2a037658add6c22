// Stage `convert`: every integration phased to one centre. Enters: vis as in the files (on the meridian, unphased, or phased).
// Leaves: vis phased to GroupState::centre, uvw_m toward it, computed from antenna positions by ERFA.
#include "kernels/rotate.hpp"
#include "nocturne/stage.hpp"
#include "sky/frames.hpp"

#include <cmath>
#include <cstdlib>

namespace nocturne {
namespace {

/// "RA,DEC" in degrees.
Direction parse_direction(std::string const& text)
{
    char* end = nullptr;
    double const ra = std::strtod(text.c_str(), &end);
    bool good = end != text.c_str() && *end == ',';
    char const* second = good ? end + 1 : "";
    double const dec = std::strtod(second, &end);
    good = good && end != second && *end == '\0' && std::isfinite(ra) && std::abs(dec) <= 90;
    if (!good)
        throw Error(Code::bad_config, "phase-center is '" + text + "'", "not two numbers RA,DEC in degrees",
                    "write for example 202.78,30.51");
    return {degrees(ra), degrees(dec)};
}

class ConvertPass : public Pass {
public:
    explicit ConvertPass(Params params) : params_(std::move(params)) {}
    std::string name() const override { return "convert"; }
    Scope scope() const override { return Scope::block; }
    std::vector<Field> reads() const override { return {Field::header, Field::vis}; }
    std::vector<Field> writes() const override { return {Field::vis, Field::uvw}; }

    void prepare(GroupState& state) override
    {
        auto const& header = state.header;
        auto const earth = EarthOrientation::load(params_.text("earth-table"));
        MjdSeconds const middle(header.mid_time_mjd_s());
        auto const warning = earth.warning(middle, params_.flag("strict-earth") ? Strictness::fail : Strictness::warn);
        state.earth_note = earth.note(middle) + (warning.empty() ? "" : "; " + warning);
        auto const& wanted = params_.text("phase-center");
        state.centre = wanted.empty() ? default_centre(header, earth) : parse_direction(wanted);

        auto const times = instants(header, earth);
        std::vector<UvwAxes> axes;
        for (auto const& time : times) axes.push_back(time.uvw_axes(state.centre));
        state.antenna_uvw_m = antenna_uvw_m(header.antennas, axes);
        antenna_uvw_m_ = to_device(state.device, state.antenna_uvw_m);
        antenna_old_w_m_ = to_device(state.device, antenna_reference_w_m(header, times));
        baselines_ = to_device(state.device, header.baselines);
        freq_hz_ = to_device(state.device, header.freq_hz);
    }

    void run(VisBlock& block, GroupState& state) override
    {
        Index const integrations = block.n_integrations();
        Index const antennas = static_cast<Index>(state.header.antennas.size());
        nocturne::run(state.device,
                      RotateArgs{block.vis, block.uvw_m, antenna_uvw_m_.view(integrations, antennas, 3),
                                 antenna_old_w_m_.view(integrations, antennas),
                                 baselines_.view(baselines_.size()).slice(0, block.first_baseline, block.n_baselines()),
                                 freq_hz_.view(block.n_channels())});
    }

private:
    Params params_;
    Buffer<double> antenna_uvw_m_, antenna_old_w_m_, freq_hz_;
    Buffer<Baseline> baselines_;
};

Passes make(Params const& params)
{
    Passes passes;
    passes.push_back(std::make_unique<ConvertPass>(params));
    return passes;
}

StageRegistrar const here{
    {"convert",
     "Phases every integration to one centre and computes uvw from the antenna positions",
     {{"phase-center", "deg", std::string(),
       "Phase centre RA,DEC (ICRS, degrees); empty: the data's own, or the meridian (DSA-110) or zenith at mid-time"},
      {"earth-table", "", std::string(), "Earth-orientation table; empty: NOCTURNE_EARTH, else the one shipped"},
      {"strict-earth", "", false, "Fail where the Earth table does not reach the date"}},
     &make}};

}  // namespace
}  // namespace nocturne
