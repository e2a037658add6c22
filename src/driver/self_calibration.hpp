// Self-calibration (contract A4.9): a group is imaged, its CLEAN components are the model that gains are solved for, and with these it is imaged again. Enters:
// how a round is done, by hand or in a job. Leaves: the rounds, and which is the best.
#pragma once

#include "nocturne/calibration_use.hpp"
#include "nocturne/param.hpp"
#include "sky/sources.hpp"

#include <map>
#include <string>
#include <vector>

namespace nocturne {

struct SelfCalRound : SelfCalStep {
    std::string stem, solutions, model;  ///< files of a round by hand
    bool calibrated = false;             ///< of round 0: its samples are corrected by solutions
};

/// The parts of a round. Every rank calls them; errors are the same on all.
class SelfCalSteps {
public:
    virtual ~SelfCalSteps() = default;
    /// Images the group with the solutions of the round; fills its noise, peak and dynamic range.
    virtual void make_image(SelfCalRound& round) = 0;
    /// The components of `from` become the model of the round; fills n_sources.
    virtual void make_model(SelfCalRound const& from, SelfCalRound& round) = 0;
    /// Solves on that model, on samples corrected by the solutions of `base`.
    virtual void solve(SelfCalRound const& base, SelfCalRound& round) = 0;
    /// The round is over, and was kept or not.
    virtual void settle(SelfCalRound const& round) = 0;
};

/// `rounds` holds round 0, imaged and kept. Rounds go on while the dynamic range (peak over noise of the CLEANed image) rises; the first that does not,
/// whose solve fails its quality, or that has no model, ends them. Phases are solved on samples as round 0 has them, amplitudes and phases on those of the best.
void self_calibrate(std::vector<std::string> const& modes, SelfCalSteps& steps, std::vector<SelfCalRound>& rounds);

/// The last round that was kept.
SelfCalRound const& best_of(std::vector<SelfCalRound> const& rounds);

/// Where the sky lies is not known when the first image was hardly more than noise, by no solutions: the brightest peak of it was put
/// where a source is. A sentence that says so of an image with this dynamic range; "" where the sky stays where it was.
std::string doubt_of_places(SelfCalRound const& first, double dynamic_range);

/// What users must know: that positions are in doubt; that the last round allowed still made the image better by a tenth, so it is not
/// yet what the data can give.
std::vector<std::string> notes_of_rounds(std::vector<SelfCalRound> const& rounds);

/// "self-calibration round 1 (p): 3 sources, noise 4.9 mJy, dynamic range 482: …"
std::string describe(SelfCalStep const& step);

/// What gains are solved on: components of one size within half a beam are one source, at most 100, none below 0.5 % of the brightest or five times the noise.
/// Throws Error(bad_input) where none is left; `image` says where to look.
std::vector<Source> model_sources(std::vector<Source> const& components, double beam_rad, SelfCalStep const& from,
                                  std::string const& image);

/// How the model of a round has its fluxes: as the sky, seen through the Airy pattern, or as the image has them, where its own model
/// knows no beam.
enum class ModelFluxes { of_the_sky, apparent };

/// What a round solves for, as parameters of the stage solve.
std::map<std::string, ParamValue> solve_of_round(std::string const& mode, std::string const& model, ModelFluxes fluxes);

/// Throws Error(bad_config) where an image with these parameters of the stage image is no model that gains can be solved on.
void check_model_of_rounds(Params const& image);

}  // namespace nocturne
