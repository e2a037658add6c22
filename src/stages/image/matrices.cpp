#include "stages/image/matrices.hpp"

#include "nocturne/folded_matrix.hpp"
#include "stages/image/chebyshev.hpp"

#include <cstddef>

namespace nocturne {

std::vector<AxisSpan> cut_axis(Index n, int count)
{
    std::vector<AxisSpan> spans;
    for (Index k = 0; k < count; ++k) {
        auto const first = static_cast<int>(k * n / count), end = static_cast<int>((k + 1) * n / count);
        if (end > first) spans.push_back({first, end - first});
    }
    return spans;
}

std::vector<double> mean_positions(std::vector<double> const& positions, AxisSpan span, int count)
{
    std::vector<double> means;
    for (auto const& part : cut_axis(span.n, count)) {
        double sum = 0;
        for (int s = 0; s < part.n; ++s) sum += positions[static_cast<std::size_t>(span.first + part.first + s)];
        means.push_back(sum / part.n);
    }
    return means;
}

AxisMatrices::Entry AxisMatrices::find(AxisSpan span, int n_nodes)
{
    auto const [at, fresh] = made_.try_emplace({span.first, span.n, n_nodes});
    if (fresh) at->second = make(span, n_nodes);
    return at->second;
}

AxisMatrices::Entry AxisMatrices::make(AxisSpan span, int n_nodes)
{
    Entry entry;
    entry.first_node = static_cast<std::int32_t>(nodes_.size());
    auto const* samples = positions_.data() + span.first;
    if (n_nodes == 0) {
        nodes_.insert(nodes_.end(), samples, samples + span.n);
        return entry;
    }
    bool const means = basis_ == NodeBasis::means;
    auto const nodes =
        means ? mean_positions(positions_, span, n_nodes) : chebyshev_nodes(n_nodes, samples[0], samples[span.n - 1]);
    nodes_.insert(nodes_.end(), nodes.begin(), nodes.end());
    entry.offset = static_cast<Index>(coefficients_.size());
    coefficients_.resize(coefficients_.size() + static_cast<std::size_t>(NodeRect::matrix_size(n_nodes, span.n)), 0.0F);
    float* const by_sample = coefficients_.data() + entry.offset;
    float* const by_node = by_sample + span.n * NodeRect::round_up(n_nodes);
    std::vector<double> row(static_cast<std::size_t>(n_nodes));
    auto const parts = cut_axis(span.n, n_nodes);
    for (int s = 0; s < span.n; ++s) {
        if (means)
            for (std::size_t p = 0; p < parts.size(); ++p)
                row[p] = s >= parts[p].first && s < parts[p].first + parts[p].n;
        else
            lagrange_row(nodes, samples[s], row.data());
        for (int p = 0; p < n_nodes; ++p) {
            auto const value = static_cast<float>(row[static_cast<std::size_t>(p)]);
            by_sample[s * NodeRect::round_up(n_nodes) + p] = value;
            by_node[p * NodeRect::round_up(span.n) + s] = value;
        }
    }
    entry.folded = append_folded(coefficients_, entry.offset, n_nodes, span.n);
    return entry;
}

}  // namespace nocturne
