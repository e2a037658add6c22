// The shipped catalogue's flux standards against Perley & Butler 2017 as CASA's setjy has it (the rows of 2017 of its table of coefficients,
// nrao/VLA/standards/PerleyButler2017Coeffs in casadata), over DSA-110's band.
#include "sky/calibrators.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

struct Standard {
    char const* name;
    std::vector<double> coefficients;  ///< log10 S/Jy = Σ a_k (log10 f/GHz)^k
};

TEST(Calibrators, have_the_fluxes_of_the_standards)
{
    auto const catalogue = shipped_calibrators();
    for (auto const& standard : {Standard{"3C48", {1.3253, -0.7553, -0.1914, 0.0498}},
                                 Standard{"3C138", {1.0088, -0.4981, -0.1552, -0.0102, 0.0223}},
                                 Standard{"3C147", {1.4516, -0.6961, -0.2007, 0.0640, -0.0464, 0.0289}},
                                 Standard{"3C196", {1.2872, -0.8530, -0.1534, -0.0200, 0.0201}},
                                 Standard{"3C286", {1.2481, -0.4507, -0.1798, 0.0357}},
                                 Standard{"3C295", {1.4701, -0.7658, -0.2780, -0.0347, 0.0399}}}) {
        SCOPED_TRACE(standard.name);
        auto const found = std::find_if(catalogue.begin(), catalogue.end(),
                                        [&](Source const& source) { return source.name == standard.name; });
        ASSERT_NE(found, catalogue.end());
        for (double ghz : {1.28, 1.4, 1.53}) {
            double log_flux = 0;
            for (std::size_t k = 0; k < standard.coefficients.size(); ++k)
                log_flux += standard.coefficients[k] * std::pow(std::log10(ghz), static_cast<double>(k));
            double const flux = std::pow(10, log_flux);
            EXPECT_NEAR(found->flux_at(ghz * 1e9), flux, 2e-3 * flux) << ghz << " GHz";
        }
    }
}

}  // namespace
}  // namespace nocturne
