// Oracle of `jones_sums`: its products in double precision, one sample of four at a time.
#pragma once

#include "tests/oracle/jones.hpp"

namespace nocturne::oracle {

/// Σ w V_zx conj(M_wy) and Σ w M_zx conj(M_wy) as [x][y][z][w].
struct JonesSums {
    std::complex<double> product[2][2][2][2] = {}, power[2][2][2][2] = {};
    double power_data = 0, count = 0;

    void add(JonesSample const& s)
    {
        if (!(s.weight > 0)) return;
        for (std::size_t x = 0; x < 2; ++x)
            for (std::size_t y = 0; y < 2; ++y)
                for (std::size_t z = 0; z < 2; ++z)
                    for (std::size_t w = 0; w < 2; ++w) {
                        product[x][y][z][w] += s.weight * s.vis[2 * z + x] * std::conj(s.model[2 * w + y]);
                        power[x][y][z][w] += s.weight * s.model[2 * z + x] * std::conj(s.model[2 * w + y]);
                    }
        for (auto v : s.vis) power_data += s.weight * std::norm(v);
        count += 1;
    }
};

}  // namespace nocturne::oracle
