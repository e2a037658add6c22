#include "driver/self_calibration.hpp"

#include "driver/attempt.hpp"
#include "driver/image_files.hpp"
#include "driver/progress.hpp"
#include "driver/solution_files.hpp"
#include "driver/solve_files.hpp"
#include "io/product.hpp"
#include "sky/frames.hpp"
#include "sky/sources.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>

namespace nocturne {
namespace {

constexpr std::size_t most_sources = 100;
constexpr double least_share = 0.005;  ///< of the brightest source
constexpr double least_sigma = 5;      ///< of the image's noise: what phases that are wrong scatter about stays out
constexpr double same_size = 0.1;      ///< widths that differ by less

std::vector<std::string> split_rounds(std::string const& text)
{
    auto const words = split_paths(text);
    for (auto const& word : words)
        if (word != "p" && word != "ap")
            throw Error(Code::usage, "--rounds " + text, "'" + word + "' is no kind of round",
                        "say p (phases) or ap (amplitudes and phases), joined by commas");
    if (words.empty()) throw Error(Code::usage, "--rounds is empty", "there is nothing to do", "say p,p,ap");
    return words;
}

/// Components of one size that lie within half a beam are one source at their centre of flux.
class SourceMerger {
public:
    explicit SourceMerger(double reach_rad) : reach_rad_(reach_rad) {}

    void add(Source const& component)
    {
        for (auto& source : sources_)
            if (std::abs(source.major_rad - component.major_rad) <= same_size * source.major_rad &&
                separation(source.direction, component.direction).value() < reach_rad_) {
                double const sum = source.flux_jy + component.flux_jy, part = component.flux_jy / sum;
                if (!(sum > 0) || !(std::abs(part) < 1)) return;
                auto const toward = [part](Radians from, Radians to) {
                    return Radians(from.value() + part * std::remainder(to.value() - from.value(), 2 * pi));
                };
                source.direction = {toward(source.direction.ra, component.direction.ra),
                                    toward(source.direction.dec, component.direction.dec)};
                source.flux_jy = sum;
                return;
            }
        if (component.flux_jy > 0) sources_.push_back(component);
    }

    std::vector<Source> brighter_than(double least_jy)
    {
        std::stable_sort(sources_.begin(), sources_.end(),
                         [](Source const& a, Source const& b) { return a.flux_jy > b.flux_jy; });
        std::vector<Source> chosen;
        for (auto const& source : sources_)
            if (chosen.size() < most_sources &&
                source.flux_jy >= std::max(least_jy, least_share * sources_.front().flux_jy))
                chosen.push_back(source);
        return chosen;
    }

private:
    double reach_rad_;
    std::vector<Source> sources_;
};

class SelfCalibration {
public:
    SelfCalibration(SelfCalRequest const& request, Ranks const& world) : request_(request), world_(world) {}

    std::vector<SelfCalRound> run()
    {
        std::vector<std::string> modes;
        world_.agree(attempt([&] { modes = split_rounds(request_.rounds); }));
        SelfCalRound first;
        first.solutions = override_of("solutions");
        make_image(first);
        first.kept = true;
        rounds_.push_back(first);
        for (auto const& mode : modes) {
            rounds_.push_back(next(mode));
            say(rounds_.back());
            if (!rounds_.back().kept) break;
        }
        return rounds_;
    }

private:
    std::string override_of(std::string const& name) const
    {
        auto const found = request_.overrides.find(name);
        return found == request_.overrides.end() ? "" : found->second;
    }

    SelfCalRound next(std::string const& mode)
    {
        auto const before = best_of(rounds_);
        SelfCalRound round;
        round.number = static_cast<int>(rounds_.size());
        round.mode = mode;
        try {
            make_model(before, round);
            solve(mode == "p" ? rounds_.front().solutions : before.solutions, round);
            make_image(round);
        } catch (Error const& error) {  // the same on all ranks
            if (error.code() != Code::qa_fail && error.code() != Code::bad_input) throw;
            round.why_ended = error.what();
            return round;
        }
        round.kept = round.dynamic_range > before.dynamic_range;
        if (!round.kept) round.why_ended = "the dynamic range does not rise";
        return round;
    }

    template<class Request>
    Request request_for(std::vector<std::string> const& stages, std::map<std::string, std::string> values) const
    {
        Request request;
        static_cast<GroupRequest&>(request) = request_;
        world_.agree(attempt([&] { request.job = make_job("selfcal", stages, {{}, std::move(values)}); }));
        return request;
    }

    void make_image(SelfCalRound& round)
    {
        round.stem = request_.stem + "-r" + std::to_string(round.number);
        auto values = request_.overrides;
        values.erase("solutions");
        if (round.solutions.empty())
            values["from"] = "none";
        else
            values["solutions"] = round.solutions;
        auto request = request_for<ImageRequest>({"read", "convert", "flag", "apply", "image"}, values);
        request.stem = round.stem;
        request.progress = false;
        auto const rows = image_files(request, world_).images;
        auto const restored =
            std::find_if(rows.begin(), rows.end(), [](db::ImageRow const& row) { return row.product == "image"; });
        world_.agree(attempt([&] {
            if (world_.leader() && restored == rows.end())
                throw Error(Code::bad_config, "there is no CLEANed image to calibrate on", "niter is 0",
                            "say --niter 1000");
        }));
        bool const here = restored != rows.end();
        round.noise_jy = everywhere(here ? restored->noise_jy : 0);
        round.dynamic_range = everywhere(here ? restored->dynamic_range : 0);
        beam_rad_ = everywhere(here ? restored->beam_major_arcsec * arcsec_rad : 0);
        round.peak_jy = round.noise_jy * round.dynamic_range;
    }

    /// The leader's value, bit by bit.
    double everywhere(double value) const
    {
        return std::bit_cast<double>(world_.broadcast(std::bit_cast<std::int64_t>(value)));
    }

    void make_model(SelfCalRound const& from, SelfCalRound& round)
    {
        round.model = request_.stem + "-r" + std::to_string(round.number) + "-model.csv";
        std::int64_t n = 0;
        world_.agree(attempt([&] {
            if (!world_.leader()) return;
            SourceMerger merger(beam_rad_ / 2);
            for (auto const& component : read_sources(from.stem + "-components.csv")) merger.add(component);
            auto const sources = merger.brighter_than(least_sigma * from.noise_jy);
            if (sources.empty())
                throw Error(Code::bad_input, "there is no model to calibrate on", "CLEAN found no component",
                            "look at " + from.stem + "-image.fits; lower auto-mask, or take a brighter field");
            write_product(round.model, sources_csv(sources));
            n = std::ssize(sources);
        }));
        round.n_sources = static_cast<int>(world_.broadcast(n));
    }

    void solve(std::string const& base, SelfCalRound& round)
    {
        auto values = request_.overrides;
        values.erase("solutions");
        std::vector<std::string> stages{"read", "flag", "solve"};
        if (!base.empty()) {
            values["solutions"] = base;
            stages.insert(stages.end() - 1, "apply");
        }
        values["types"] = "G";
        values["calmode"] = round.mode;
        values["model"] = round.model;
        values["follow-drift"] = "false";
        values["solnorm"] = round.mode == "ap" ? "true" : "false";
        if (round.mode == "ap") values["solint"] = "0";
        auto request = request_for<SolveRequest>(stages, values);
        request.out = round.solutions = request_.stem + "-r" + std::to_string(round.number) + ".h5";
        solve_files(request, world_);
    }

    void say(SelfCalRound const& round) const
    {
        if (!world_.leader()) return;
        char text[200];
        std::snprintf(text, sizeof text,
                      "self-calibration round %d (%s): %d sources, noise %.3g mJy, dynamic range %.4g (was %.4g)\n",
                      round.number, round.mode.c_str(), round.n_sources, 1e3 * round.noise_jy, round.dynamic_range,
                      best_of({rounds_.begin(), rounds_.end() - 1}).dynamic_range);
        log_lines(text);
    }

    SelfCalRequest const& request_;
    Ranks const& world_;
    std::vector<SelfCalRound> rounds_;
    double beam_rad_ = 0;
};

}  // namespace

std::vector<SelfCalRound> self_calibrate(SelfCalRequest const& request, Ranks const& world)
{
    return SelfCalibration(request, world).run();
}

SelfCalRound const& best_of(std::vector<SelfCalRound> const& rounds)
{
    auto const best =
        std::find_if(rounds.rbegin(), rounds.rend(), [](SelfCalRound const& round) { return round.kept; });
    NOCT_CHECK(best != rounds.rend(), "self-calibration without its first image");
    return *best;
}

}  // namespace nocturne
