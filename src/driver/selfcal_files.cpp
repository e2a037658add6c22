#include "driver/selfcal_files.hpp"

#include "driver/attempt.hpp"
#include "driver/image_files.hpp"
#include "driver/progress.hpp"
#include "driver/solve_files.hpp"
#include "io/product.hpp"
#include "stages/selfcal.hpp"

#include <algorithm>
#include <bit>
#include <fstream>
#include <iterator>

namespace nocturne {
namespace {

constexpr char const* imaging[] = {"read", "convert", "flag", "apply", "image"};

std::map<std::string, std::string> image_values(SelfCalRequest const& request, std::string const& solutions)
{
    auto values = request.overrides;
    values.erase("solutions");
    if (solutions.empty())
        values["from"] = "none";
    else
        values["solutions"] = solutions;
    return values;
}

class FileRounds : public SelfCalSteps {
public:
    FileRounds(SelfCalRequest const& request, Ranks const& world, bool without_beam)
        : request_(request), world_(world), without_beam_(without_beam)
    {}

    void make_image(SelfCalRound& round) override
    {
        round.stem = request_.stem + "-r" + std::to_string(round.number);
        auto request = request_for<ImageRequest>({std::begin(imaging), std::end(imaging)},
                                                 image_values(request_, round.solutions));
        request.stem = round.stem;
        request.progress = false;
        if (round.number > 0) request.first_round = first_;
        auto const rows = image_files(request, world_).images;
        auto const restored =
            std::find_if(rows.begin(), rows.end(), [](db::ImageRow const& row) { return row.product == "image"; });
        world_.agree(attempt([&] {
            if (world_.leader() && restored == rows.end())
                throw Error(Code::bad_config, "there is no CLEANed image to calibrate on", "niter is 0",
                            "say --niter 1000");
        }));
        bool const here = restored != rows.end();
        bool const corrected =
            std::any_of(rows.begin(), rows.end(), [](db::ImageRow const& row) { return row.product == "pb"; });
        fluxes_ = everywhere(corrected) > 0 && !without_beam_ ? ModelFluxes::of_the_sky : ModelFluxes::apparent;
        round.noise_jy = everywhere(here ? restored->noise_jy : 0);
        round.dynamic_range = everywhere(here ? restored->dynamic_range : 0);
        beam_rad_ = everywhere(here ? restored->beam_major_arcsec * arcsec_rad : 0);
        round.peak_jy = round.noise_jy * round.dynamic_range;
        if (round.number == 0) first_ = round;
    }

    void make_model(SelfCalRound const& from, SelfCalRound& round) override
    {
        round.model = request_.stem + "-r" + std::to_string(round.number) + "-model.csv";
        std::int64_t n = 0;
        world_.agree(attempt([&] {
            if (!world_.leader()) return;
            auto const sources = model_sources(components(from.stem), beam_rad_, from, from.stem + "-image.fits");
            write_product(round.model, sources_csv(sources));
            n = std::ssize(sources);
        }));
        round.n_sources = static_cast<int>(world_.broadcast(n));
    }

    void solve(SelfCalRound const& base, SelfCalRound& round) override
    {
        auto values = request_.overrides;
        values.erase("solutions");
        std::vector<std::string> stages{"read", "flag", "solve"};
        if (!base.solutions.empty()) {
            values["solutions"] = base.solutions;
            stages.insert(stages.end() - 1, "apply");
        }
        for (auto const& [name, value] : solve_of_round(round.mode, round.model, fluxes_))
            values[name] = to_text(value);
        auto request = request_for<SolveRequest>(stages, values);
        request.out = round.solutions = request_.stem + "-r" + std::to_string(round.number) + ".h5";
        solve_files(request, world_);
    }

    void settle(SelfCalRound const& round) override
    {
        if (world_.leader()) log_lines(describe(round) + "\n");
    }

private:
    template<class Request>
    Request request_for(std::vector<std::string> const& stages, std::map<std::string, std::string> values) const
    {
        Request request;
        static_cast<GroupRequest&>(request) = request_;
        world_.agree(attempt([&] { request.job = make_job("selfcal", stages, {{}, std::move(values)}); }));
        return request;
    }

    /// The leader's value, bit by bit.
    double everywhere(double value) const
    {
        return std::bit_cast<double>(world_.broadcast(std::bit_cast<std::int64_t>(value)));
    }

    /// With the fluxes that the solve wants.
    std::vector<Source> components(std::string const& stem) const
    {
        auto const path = stem + "-components.csv";
        if (fluxes_ == ModelFluxes::of_the_sky) return read_sources(path);
        std::ifstream file(path);
        std::string text{std::istreambuf_iterator<char>(file), {}};
        std::string const both = "flux_jy,apparent_jy";
        auto const at = text.find(both);
        NOCT_CHECK(at != std::string::npos, "a list of components without apparent fluxes");
        return read_sources(text.replace(at, both.size(), "corrected_jy,flux_jy"));
    }

    SelfCalRequest const& request_;
    Ranks const& world_;
    bool without_beam_;
    double beam_rad_ = 0;
    ModelFluxes fluxes_ = ModelFluxes::of_the_sky;
    SelfCalRound first_;
};

}  // namespace

std::vector<SelfCalRound> self_calibrate_files(SelfCalRequest const& request, Ranks const& world)
{
    std::vector<std::string> modes;
    SelfCalRound first;
    auto const given = request.overrides.find("solutions");
    if (given != request.overrides.end()) first.solutions = given->second;
    bool without_beam = false;
    world.agree(attempt([&] {
        modes = split_rounds(request.rounds, Code::usage);
        auto const job =
            make_job("selfcal", {std::begin(imaging), std::end(imaging)}, {{}, image_values(request, first.solutions)});
        auto const& image = job.tasks.back().params;
        check_model_of_rounds(image);
        without_beam = image.text("model-beam") == "none";
    }));
    FileRounds steps(request, world, without_beam);
    first.calibrated = !first.solutions.empty();
    first.kept = true;
    steps.make_image(first);
    std::vector<SelfCalRound> rounds{first};
    self_calibrate(modes, steps, rounds);
    return rounds;
}

}  // namespace nocturne
