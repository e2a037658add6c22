// Rectangles and matrices for conformance tests of `project` and `expand`, with the oracle's Lagrange polynomials.
#pragma once

#include "nocturne/folded_matrix.hpp"

#include "tests/oracle/project.hpp"

namespace nocturne::test {

enum class Axes { uneven, even };

/// A plan of a block of baselines that holds every kind of rectangle: compressed along both axes (in both orders), along
/// one, along none; channels cut in two. On even axes matrices are folded, too.
struct NodeRects {
    Index nt, nc;
    std::vector<double> time, freq;
    std::vector<NodeRect> rects;
    std::vector<float> matrices;
    Index n_values = 0;

    NodeRects(Index n_times, Index n_channels, Axes axes = Axes::uneven) : nt(n_times), nc(n_channels)
    {
        double const jitter = axes == Axes::even ? 0 : 0.1, gap = axes == Axes::even ? 0 : 7;
        for (Index t = 0; t < nt; ++t) time.push_back(static_cast<double>(t) + jitter * static_cast<double>(t % 3));
        for (Index c = 0; c < nc; ++c) freq.push_back(static_cast<double>(c) + (c > nc / 2 ? gap : 0));
        int const shapes[][2] = {{3, 9}, {0, 17}, {4, 0}, {0, 0}, {static_cast<int>(nt) - 1, 20}, {1, 1}, {5, 70}};
        std::int32_t baseline = 0;
        for (auto const& [time_nodes, freq_nodes] : shapes) {
            bool const halves = baseline % 2 == 1;
            int const half = static_cast<int>(nc / 2), all = static_cast<int>(nc);
            add(baseline, 0, halves ? half : all, time_nodes, freq_nodes);
            if (halves) add(baseline, half, all - half, time_nodes, freq_nodes);
            ++baseline;
        }
    }

    Index n_baselines() const { return rects.back().baseline + 1; }
    /// Positions of nodes: Chebyshev's, or the samples themselves.
    std::vector<double> time_nodes(NodeRect const& r) const
    {
        return positions(time, r.first_time, r.n_times, r.time_matrix < 0, r.time_nodes);
    }
    std::vector<double> freq_nodes(NodeRect const& r) const
    {
        return positions(freq, r.first_channel, r.n_channels, r.freq_matrix < 0, r.freq_nodes);
    }
    std::vector<double> times(NodeRect const& r) const { return positions(time, r.first_time, r.n_times, true, 0); }
    std::vector<double> channels(NodeRect const& r) const
    {
        return positions(freq, r.first_channel, r.n_channels, true, 0);
    }

private:
    static std::vector<double> positions(std::vector<double> const& axis, int first, int n, bool samples, int nodes)
    {
        auto const at = axis.begin() + first;
        return samples ? std::vector<double>(at, at + n) : oracle::nodes_of_segment(nodes, at[0], at[n - 1]);
    }

    void add(std::int32_t baseline, int first, int n, int time_nodes, int freq_nodes)
    {
        NodeRect r;
        r.baseline = baseline;
        r.n_times = static_cast<std::int32_t>(nt);
        r.first_channel = first;
        r.n_channels = n;
        r.time_matrix = matrix(time, 0, static_cast<int>(nt), time_nodes);
        r.freq_matrix = matrix(freq, first, n, freq_nodes);
        if (time_nodes) r.time_folded = append_folded(matrices, r.time_matrix, time_nodes, nt);
        if (freq_nodes) r.freq_folded = append_folded(matrices, r.freq_matrix, freq_nodes, n);
        r.time_nodes = time_nodes ? time_nodes : static_cast<std::int32_t>(nt);
        r.freq_nodes = freq_nodes ? freq_nodes : n;
        r.first_value = n_values;
        n_values += r.n_values();
        rects.push_back(r);
    }

    Index matrix(std::vector<double> const& axis, int first, int n, int nodes)
    {
        if (nodes == 0) return -1;
        auto const offset = static_cast<Index>(matrices.size());
        matrices.resize(matrices.size() + static_cast<std::size_t>(NodeRect::matrix_size(nodes, n)), 0.0F);
        auto const at = positions(axis, first, n, false, nodes);
        for (int s = 0; s < n; ++s)
            for (int p = 0; p < nodes; ++p) {
                auto const value = static_cast<float>(
                    oracle::lagrange(at, static_cast<std::size_t>(p), axis[static_cast<std::size_t>(first + s)]));
                matrices[static_cast<std::size_t>(offset + s * NodeRect::round_up(nodes) + p)] = value;
                matrices[static_cast<std::size_t>(offset + n * NodeRect::round_up(nodes) + p * NodeRect::round_up(n) +
                                                  s)] = value;
            }
        return offset;
    }
};

}  // namespace nocturne::test
