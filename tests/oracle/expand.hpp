// Oracle of `expand`: the interpolant itself, double precision, one sample at a time.
#pragma once

#include "tests/oracle/project.hpp"

namespace nocturne::oracle {

/// v[t][c] = Σ_pt Σ_pf L_pt(t) L_pf(c) y[pt][pf].
inline std::vector<std::complex<double>> expand(std::vector<std::complex<double>> const& y,
                                                std::vector<double> const& time, std::vector<double> const& freq,
                                                std::vector<double> const& time_nodes,
                                                std::vector<double> const& freq_nodes)
{
    std::vector<std::complex<double>> v;
    for (double t : time)
        for (double f : freq) {
            std::complex<double> sum = 0;
            for (std::size_t pt = 0; pt < time_nodes.size(); ++pt)
                for (std::size_t pf = 0; pf < freq_nodes.size(); ++pf)
                    sum += lagrange(time_nodes, pt, t) * lagrange(freq_nodes, pf, f) * y[pt * freq_nodes.size() + pf];
            v.push_back(sum);
        }
    return v;
}

}  // namespace nocturne::oracle
