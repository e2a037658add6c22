// Enters: an image and a position, or values. Leaves: robust noise.
#include "nocturne/error.hpp"
#include "nocturne/median.hpp"
#include "qa/gaussian_fit.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {}  // namespace

LocalNoise robust_noise(std::vector<float>& values)
{
    constexpr double mad_to_sigma = 1.4826022185056018;  // of a Gaussian: 1 / Φ⁻¹(3/4)
    LocalNoise noise;
    std::vector<float> deviations;
    for (int round = 0; round < 20 && !values.empty(); ++round) {
        noise.level_jy = static_cast<double>(median_of(values));
        deviations.clear();
        for (float v : values)
            deviations.push_back(static_cast<float>(std::abs(static_cast<double>(v) - noise.level_jy)));
        noise.rms_jy = mad_to_sigma * static_cast<double>(median_of(deviations));
        auto const kept = std::remove_if(values.begin(), values.end(), [&](float v) {
            return std::abs(static_cast<double>(v) - noise.level_jy) > 3 * noise.rms_jy;
        });
        if (kept == values.end() || noise.rms_jy == 0) break;
        values.erase(kept, values.end());
    }
    return noise;
}

LocalNoise measure_local_noise(View<float const, 2> image, LocalNoiseArgs const& args)
{
    std::vector<float> values;
    auto const first = [&](double at) { return std::max<Index>(0, std::llround(at) - args.half); };
    auto const last = [&](double at, Index n) { return std::min<Index>(n - 1, std::llround(at) + args.half); };
    for (Index y = first(args.y); y <= last(args.y, image.extent[0]); ++y)
        for (Index x = first(args.x); x <= last(args.x, image.extent[1]); ++x) {
            float const value = image(y, x);
            double const distance = std::hypot(static_cast<double>(x) - args.x, static_cast<double>(y) - args.y);
            if (std::isfinite(value) && distance > args.hole) values.push_back(value);
        }
    if (values.size() < 30)
        throw Error(Code::bad_input, "the noise around the source cannot be measured",
                    std::to_string(values.size()) + " finite pixels are left around it",
                    "choose a position further inside the image");
    auto noise = robust_noise(values);
    double const independent = std::max(1.0, static_cast<double>(values.size()) / std::max(args.beam_area_pixels, 1.0));
    noise.rms_err_jy = 1.167 * noise.rms_jy / std::sqrt(independent);  // asymptotic efficiency of the MAD: 0.367
    return noise;
}

}  // namespace nocturne
