#include "stages/image/weigh.hpp"

#include "kernels/density.hpp"
#include "stages/image/hands.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace nocturne {
namespace {

std::vector<std::uint8_t> autocorrelations(GroupHeader const& header)
{
    std::vector<std::uint8_t> marks;
    for (auto const& baseline : header.baselines) marks.push_back(baseline.ant1 == baseline.ant2);
    return marks;
}

/// "image.weigh": sums the natural weights of the blocks on the cells of the uv grid.
class WeighPass : public Pass {
public:
    explicit WeighPass(ImageSettings const& settings) : settings_(settings), cells_(uv_cells(settings)) {}
    std::string name() const override { return "image.weigh"; }
    Scope scope() const override { return Scope::block; }
    std::vector<Field> reads() const override { return {Field::header, Field::flag, Field::weight, Field::uvw}; }
    std::vector<Field> writes() const override { return {Field::density}; }

    void prepare(GroupState& state) override
    {
        hands_ = find_hands(state.header.correlations, settings_.select.stokes);
        freq_hz_ = to_device(state.device, state.header.freq_hz);
        is_auto_ = to_device(state.device, autocorrelations(state.header));
        auto const beyond = note_of(beyond_grid(state.uvw_m, state.header.freq_hz, cells_));
        if (!beyond.empty()) state.notes.push_back(beyond);
        auto& density = state.density.emplace();
        density.n_cells = cells_.n_cells;
        density.cell_lambda = cells_.cell_lambda;
        density.scale = density_scale;
        if (is_host(state.device)) return density.sum.assign(static_cast<std::size_t>(cells_.size()), 0);
        density.on_device = Buffer<std::int64_t>(state.device, cells_.size());
        density.on_device.clear();
    }

    void run(VisBlock& block, GroupState& state) override
    {
        auto& density = *state.density;
        nocturne::run(state.device,
                      DensityArgs{hands_.view(block), block.uvw_m, freq_hz_.view(block.n_channels()),
                                  is_auto_.view(is_auto_.size()).slice(0, block.first_baseline, block.n_baselines()),
                                  cells_, density_scale,
                                  is_host(state.device) ? make_view(density.sum.data(), cells_.size())
                                                        : density.on_device.view(cells_.size())});
    }

private:
    ImageSettings settings_;
    UvCells cells_;
    Hands hands_;
    Buffer<double> freq_hz_;
    Buffer<std::uint8_t> is_auto_;
};

/// Its place is its work: the driver adds up what the ranks counted before it.
class WeightsPass : public Pass {
public:
    explicit WeightsPass(ImageSettings const& settings) : settings_(settings) {}
    std::string name() const override { return "image.weights"; }
    Scope scope() const override { return Scope::group; }
    std::vector<Field> reads() const override { return {Field::density}; }
    std::vector<Field> writes() const override { return {Field::density}; }
    /// Factors, and the unit of the sum of weights: here, so that ranks without a block have it too.
    void run(GroupState& state) override
    {
        auto& factor = state.density->factor;
        factor = imaging_factors(*state.density, settings_);
        if (settings_.taper_rad > 0) {
            auto const taper = taper_factors(settings_);
            for (std::size_t i = 0; i < factor.size(); ++i) factor[i] *= taper[i];
        }
        double total = 0;
        for (std::int64_t sum : state.density->sum) total += static_cast<double>(sum) / state.density->scale;
        if (state.nodes) state.nodes->weight_unit = weight_unit(total);
    }

private:
    ImageSettings settings_;
};

}  // namespace

UvCells uv_cells(ImageSettings const& settings)
{
    return {settings.n_pixels, 1 / (static_cast<double>(settings.n_pixels) * settings.cell_rad)};
}

BeyondGrid beyond_grid(std::vector<double> const& uvw_m, std::vector<double> const& freq_hz, UvCells const& cells)
{
    BeyondGrid beyond;
    double longest = 0;
    double const reach = 0.5 * static_cast<double>(cells.n_cells) / cells.scale();  // metres times hertz
    for (std::size_t row = 0; row + 2 < uvw_m.size(); row += 3) {
        double const length = std::max(std::abs(uvw_m[row]), std::abs(uvw_m[row + 1]));
        if (!(length > 0)) continue;
        auto const first = std::upper_bound(freq_hz.begin(), freq_hz.end(), reach / length);
        beyond.samples += freq_hz.end() - first;
        beyond.total += std::ssize(freq_hz);
        longest = std::max(longest, length);
    }
    beyond.all_within_rad = longest > 0 ? speed_of_light_m_s / (2 * longest * freq_hz.back()) : 0;
    return beyond;
}

std::string note_of(BeyondGrid const& beyond)
{
    if (beyond.samples == 0) return "";
    char text[160];
    std::snprintf(text, sizeof text,
                  "%.1f %% of the visibilities lie beyond the uv grid of these pixels and get no weight: pixels of at "
                  "most %.3g arcsec hold them all",
                  100 * static_cast<double>(beyond.samples) / static_cast<double>(beyond.total),
                  0.999 * beyond.all_within_rad / arcsec_rad);
    return text;
}

std::vector<float> imaging_factors(Density const& density, ImageSettings const& settings)
{
    NOCT_CHECK(settings.weighting != Weighting::natural, "natural weights need no density");
    double total = 0, squares = 0;
    for (std::int64_t sum : density.sum) {
        if (sum < 0 || sum >= std::int64_t(1) << 61)
            throw Error(Code::bad_input, "the weights are too large to be summed",
                        "those of one uv cell are beyond " + std::to_string(0x1p61 / density.scale),
                        "scale nsamples in the files");
        double const weight = static_cast<double>(sum) / density.scale;
        total += weight;
        squares += weight * weight;
    }
    bool const uniform = settings.weighting == Weighting::uniform;
    double const strength = 5 * std::pow(10, -settings.robust);
    double const f2 = squares > 0 ? strength * strength * total / squares : 0;
    std::vector<float> factor;
    factor.reserve(density.sum.size());
    for (std::int64_t sum : density.sum) {
        double const weight = static_cast<double>(sum) / density.scale;
        double const divisor = uniform ? weight : 1 + weight * f2;
        factor.push_back(sum > 0 ? static_cast<float>(1 / divisor) : 0.0F);
    }
    return factor;
}

std::vector<float> taper_factors(ImageSettings const& settings)
{
    auto const cells = uv_cells(settings);
    double const per_lambda = pi * settings.taper_rad / (2 * std::sqrt(std::log(2.0)));
    auto const along = [&](double cell) {
        double const x = per_lambda * cells.cell_lambda * cell;
        return std::exp(-x * x);
    };
    std::vector<double> by_column;
    for (Index c = 0; c < cells.n_cells; ++c)
        by_column.push_back(along(static_cast<double>(c) + 0.5 - 0.5 * static_cast<double>(cells.n_cells)));
    std::vector<float> factor;
    factor.reserve(static_cast<std::size_t>(cells.size()));
    for (Index r = 0; r < cells.n_rows(); ++r)
        for (double const column : by_column)
            factor.push_back(static_cast<float>(column * along(static_cast<double>(r) + 0.5)));
    return factor;
}

double weight_unit(double largest_total)
{
    // Natural: exact for whole numbers of samples, up to 2^51 in all. Otherwise 60 bits below the natural total, of which
    // a sum of factored weights is at most the number of cells or the total itself.
    return largest_total > 0 ? std::ldexp(1.0, std::max(std::ilogb(largest_total) + 1, 32) - 60) : std::ldexp(1.0, -12);
}

std::unique_ptr<Pass> make_weigh_pass(ImageSettings const& settings) { return std::make_unique<WeighPass>(settings); }
std::unique_ptr<Pass> make_weights_pass(ImageSettings const& settings)
{
    return std::make_unique<WeightsPass>(settings);
}

}  // namespace nocturne
