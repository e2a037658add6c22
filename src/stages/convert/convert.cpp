// Stage `convert`: every integration phased to one centre. Enters: vis as in the files (on the meridian, unphased, or phased).
// Leaves: vis phased to GroupState::centre, uvw_m toward it, computed from antenna positions by ERFA.
#include "kernels/rotate.hpp"
#include "nocturne/stage.hpp"
#include "sky/phasing.hpp"
#include "stages/convert/centre.hpp"

namespace nocturne {
namespace convert_stage {

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
        state.earth_note = earth.note(middle);
        if (!warning.empty()) state.notes.push_back(warning);
        GroupMoments const moments(header, earth);
        auto chosen = choose_centre(header, moments, params_);
        auto phasing = plan_phasing(header, moments, chosen.of_moments);
        if (!chosen.note.empty()) state.notes.push_back(chosen.note);
        Instant const& halfway = moments.instant(moments.size() / 2);
        if (dot(halfway.uvw_axes(chosen.centre).w, halfway.itrs({Radians(0), Radians(header.site.latitude_rad)})) < 0)
            state.notes.push_back("the phase centre is below the horizon");
        state.centre = chosen.centre;
        state.moment_centres.clear();
        state.pointings.clear();
        for (Index m = 0; m < moments.size(); ++m) state.pointings.push_back(moments.pointing(m));
        if (chosen.each) state.moment_centres = std::move(chosen.of_moments);
        state.field_names = std::move(chosen.names);
        new_uvw_m_ = to_device(state.device, phasing.uvw_m);
        shift_m_ = to_device(state.device, phasing.shift_m);
        freq_hz_ = to_device(state.device, header.freq_hz);
        state.uvw_m = std::move(phasing.uvw_m);
    }

    void run(VisBlock& block, GroupState& state) override
    {
        auto const n = static_cast<Index>(state.header.baselines.size());
        Index const integrations = block.n_integrations(), first = block.first_baseline, count = block.n_baselines();
        nocturne::run(
            state.device,
            RotateArgs{block.vis, block.uvw_m, new_uvw_m_.view(integrations, n, 3).slice(1, first, count),
                       shift_m_.view(integrations, n).slice(1, first, count), freq_hz_.view(block.n_channels())});
    }

private:
    Params params_;
    Buffer<double> new_uvw_m_, shift_m_, freq_hz_;
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
       "Phase centre RA,DEC (ICRS, degrees); meridian: that of mid-time; calibrator: the one with the most flux "
       "through the "
       "beam; calibrator:NAME; each: every integration keeps its own (Measurement Sets only); empty: the data's own, "
       "or the "
       "meridian (DSA-110) or zenith at mid-time"},
      {"calibrators", "", std::string(),
       "CSV of calibrators (name, ra_deg, dec_deg, flux_jy); empty: the VLA's, shipped"},
      {"calibrator-radius", "deg", 1.0, "How far from the centre a calibrator is looked for", {}, 0, 180},
      {"earth-table", "", std::string(), "Earth-orientation table; empty: NOCTURNE_EARTH, else the one shipped"},
      {"strict-earth", "", false, "Fail where the Earth table does not reach the date"}},
     &make}};

}  // namespace convert_stage
}  // namespace nocturne
