// `correct` on every device against its oracle.
#include "kernels/correct.hpp"
#include "tests/oracle/correct.hpp"
#include "tests/support/devices.hpp"

#include <random>

namespace nocturne {
namespace {

class Correct : public test::OnEveryDevice {};

/// `rows` of the screen: n, or n/2 + 1 where it is even.
void compare_with_the_oracle(Device const& device, Index const n, Index const rows)
{
    std::mt19937 random(5);
    std::uniform_real_distribution<float> unit(-1, 1);
    std::vector<float> image(n * n), axis(n);
    std::vector<std::int32_t> theta(rows * n);
    std::vector<double> coefficients;
    CorrectArgs args;
    args.theta_max = 0.3;
    for (auto& v : image) v = unit(random);
    for (auto& v : axis) v = 2 + unit(random);
    for (auto& v : theta) v = static_cast<std::int32_t>(unit(random) * 0.3F * 0x1p32F);
    for (float& c : args.inverse_w) {
        c = unit(random);
        coefficients.push_back(c);
    }
    auto d_image = to_device(device, image);
    auto const d_axis = to_device(device, axis);
    auto const d_theta = to_device(device, theta);
    args.image = d_image.view(n, n);
    args.axis = d_axis.view(n);
    args.theta = d_theta.view(rows, n);
    run(device, args);
    finish(device);
    auto const got = d_image.to_host();
    for (Index y = 0; y < n; ++y)
        for (Index x = 0; x < n; ++x) {
            double const turns = theta[(rows == n ? y : std::abs(y - n / 2)) * n + x] * 0x1p-32;
            double const exact = oracle::corrected(image[y * n + x], axis[x], axis[y], coefficients, turns, 0.3);
            ASSERT_NEAR(got[y * n + x], exact, 2e-5) << y << " " << x;
        }
}

TEST_P(Correct, equals_the_oracle) { compare_with_the_oracle(device(), 34, 18); }

TEST_P(Correct, equals_the_oracle_with_a_screen_of_all_rows) { compare_with_the_oracle(device(), 34, 34); }

TEST_P(Correct, refuses_shapes_that_differ)
{
    Buffer<float> image(device(), 64), axis(device(), 8);
    Buffer<std::int32_t> theta(device(), 40);
    CorrectArgs args;
    args.image = image.view(8, 8);
    args.axis = axis.view(7);
    args.theta = theta.view(5, 8);
    EXPECT_THROW(run(device(), args), Error);
}

INSTANTIATE_TEST_SUITE_P(devices, Correct, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
