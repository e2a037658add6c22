#include "stages/solve/gains.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

View<float const, 3> plane(float const* values, SolveRows const& rows, Index which)
{
    View<float const, 3> view;
    if (which >= rows.n_planes) return view;
    view.data = values + rows.offset(0, 0, which);
    Index const extent[] = {rows.n_rows, rows.n_hands, rows.n_columns};
    Index const stride[] = {rows.n_hands * rows.n_planes * rows.n_columns, rows.n_planes * rows.n_columns, 1};
    for (int axis = 0; axis < 3; ++axis) {
        view.extent[axis] = extent[axis];
        view.stride[axis] = stride[axis];
    }
    return view;
}

}  // namespace

GainParts Gains::parts() const
{
    GainParts parts{n_antennas, n_columns, std::vector<float>(value.size()), std::vector<float>(value.size())};
    for (std::size_t k = 0; k < value.size(); ++k) {
        if (flag[k]) continue;
        parts.re[k] = static_cast<float>(value[k].real());
        parts.im[k] = static_cast<float>(value[k].imag());
    }
    return parts;
}

Gains solve_rows(SolveRows const& rows, GainTask const& task)
{
    Device const& device = task.device;
    Gains gains;
    gains.n_hands = rows.n_hands;
    gains.n_antennas = std::ssize(task.sums.antennas);
    gains.n_columns = rows.n_columns;
    Index const n = gains.n_hands * gains.n_antennas * gains.n_columns;
    Buffer<float> uploaded;
    if (!is_host(device)) uploaded = to_device(device, rows.values);
    float const* values = is_host(device) ? rows.values.data() : uploaded.data();
    auto const pairs = to_device(device, task.sums.pairs);
    Buffer<float> re(device, n), im(device, n), information(device, n);
    Buffer<std::uint8_t> flag(device, n);
    Buffer<StefcalResult> result(device, gains.n_hands * gains.n_columns);
    StefcalArgs args;
    args.product_re = plane(values, rows, 0);
    args.product_im = plane(values, rows, 1);
    args.power_model = plane(values, rows, 2);
    if (rows.n_planes == 5) {
        args.power_data = plane(values, rows, 3);
        args.count = plane(values, rows, 4);
    }
    args.pairs = pairs.view(pairs.size());
    args.n_antennas = gains.n_antennas;
    args.reference = static_cast<std::int32_t>(task.reference);
    args.mode = task.mode;
    args.max_iterations = task.settings.max_iterations;
    args.least_baselines = task.settings.least_baselines;
    args.least_antennas = task.settings.least_antennas;
    args.tolerance = task.settings.tolerance;
    args.gain_re = re.view(gains.n_hands, gains.n_antennas, gains.n_columns);
    args.gain_im = im.view(gains.n_hands, gains.n_antennas, gains.n_columns);
    args.information = information.view(gains.n_hands, gains.n_antennas, gains.n_columns);
    args.flag = flag.view(gains.n_hands, gains.n_antennas, gains.n_columns);
    args.result = result.view(gains.n_hands, gains.n_columns);
    run(device, args);
    finish(device);
    auto const got_re = re.to_host(), got_im = im.to_host();
    for (std::size_t k = 0; k < got_re.size(); ++k) gains.value.emplace_back(got_re[k], got_im[k]);
    gains.information = information.to_host();
    gains.flag = flag.to_host();
    gains.result = result.to_host();
    return gains;
}

void set_noise(Gains& gains, SolveMode mode)
{
    gains.noise.clear();
    for (auto const& result : gains.result) {
        double const fitted = (mode == SolveMode::phase ? 1.0 : 2.0) * result.antennas - 1;
        double const freedom = 2 * result.count - fitted;
        double const chi2 = result.power_data - result.explained;
        gains.noise.push_back(result.antennas > 0 && freedom > 0 && chi2 > 0 ? chi2 / freedom : 0);
    }
}

std::vector<std::uint8_t> lost_hands(Gains const& gains)
{
    std::vector<std::uint8_t> lost;
    for (Index row = 0; row < gains.n_hands * gains.n_antennas; ++row) {
        auto const first = gains.flag.begin() + row * gains.n_columns, last = first + gains.n_columns;
        lost.push_back(std::count(first, last, gain_weak) > std::count(first, last, gain_good));
    }
    return lost;
}

bool weaken(Gains& gains, std::vector<std::uint8_t> const& lost)
{
    bool any = false;
    for (std::size_t k = 0; k < gains.flag.size(); ++k)
        if (lost[k / static_cast<std::size_t>(gains.n_columns)] && gains.flag[k] == gain_good) {
            gains.flag[k] = gain_weak;
            any = true;
        }
    return any;
}

void drop_hands(Gains& gains, Index hand, std::vector<std::uint8_t> const& antennas)
{
    for (std::size_t a = 0; a < antennas.size(); ++a)
        for (Index c = 0; antennas[a] && c < gains.n_columns; ++c) {
            auto const k = gains.at(hand, static_cast<Index>(a), c);
            gains.flag[k] = gain_none;
            gains.value[k] = 1;
        }
}

void drop_weak(Gains& gains, Index least_antennas)
{
    for (Index p = 0; p < gains.n_hands; ++p)
        for (Index c = 0; c < gains.n_columns; ++c) {
            Index good = 0;
            for (Index a = 0; a < gains.n_antennas; ++a) good += gains.flag[gains.at(p, a, c)] == gain_good;
            for (Index a = 0; a < gains.n_antennas; ++a) {
                auto const k = gains.at(p, a, c);
                if (gains.flag[k] == gain_good && good >= least_antennas) continue;
                gains.flag[k] = gain_none;
                gains.value[k] = 1;
            }
        }
}

}  // namespace nocturne
