// For conformance tests: every device found at run time; an absent one is named as skipped, never silently passed.
#pragma once

#include "nocturne/device.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace nocturne::test {

/// A test over back ends: TEST_P(Zeros, equals_the_oracle) { auto device = usable_device(); … }
/// with INSTANTIATE_TEST_SUITE_P(devices, Zeros, every_backend(), backend_name).
class OnEveryDevice : public ::testing::TestWithParam<std::string> {
protected:
    void SetUp() override
    {
        for (auto const& info : find_devices()) {
            if (info.backend != GetParam()) continue;
            if (info.usable) {
                device_ = info.device;
                return;
            }
            GTEST_SKIP() << GetParam() << " was built in but cannot run here: " << info.why_not;
        }
        GTEST_SKIP() << GetParam() << " was not built in";
    }
    Device const& device() const { return device_; }

private:
    Device device_;
};

inline auto every_backend() { return ::testing::Values(std::string("kokkos"), std::string("cuda")); }
inline std::string backend_name(::testing::TestParamInfo<std::string> const& info) { return info.param; }

}  // namespace nocturne::test
