// The matrices that a plan's baselines share. Enters: a segment of an axis and a node count. Leaves: offsets into one array
// of coefficients and one list of frequencies; a matrix that was asked for before is found again.
#pragma once

#include "nocturne/view.hpp"

#include <map>
#include <tuple>
#include <vector>

namespace nocturne {

/// Samples [first, first + n) of an axis.
struct AxisSpan {
    int first = 0, n = 0;
};

/// `n` samples cut into `count` spans of nearly equal length; borders depend on n and count alone.
std::vector<AxisSpan> cut_axis(Index n, int count);

/// What nodes stand for: values of a smooth function that is interpolated between them, or means of samples.
enum class NodeBasis { lagrange, means };

/// Mean position of each of `count` nearly equal parts of `span`.
std::vector<double> mean_positions(std::vector<double> const& positions, AxisSpan span, int count);

/// One axis (channels or integrations) with the matrices made on it.
class AxisMatrices {
public:
    struct Entry {
        Index offset = -1;            ///< into the coefficients, laid out as NodeRect says; −1 = identity
        Index folded = -1;            ///< the same as FoldedMatrix; −1 where it cannot be folded
        std::int32_t first_node = 0;  ///< into nodes(): positions of the nodes (the samples of an identity)
    };

    /// `positions` in Hz or seconds; coefficients are appended to `coefficients`, which must outlive this.
    AxisMatrices(std::vector<double> const& positions, std::vector<float>& coefficients, NodeBasis basis)
        : positions_(positions), coefficients_(coefficients), basis_(basis)
    {}

    /// lagrange: K[p][s] = L_p(position of sample s) on n_nodes Chebyshev nodes between the first and last sample of `span`. means:
    /// node p lies at the mean position of the p-th of n_nodes nearly equal parts, K[p][s] is 1 for its samples. n_nodes 0 = the
    /// identity.
    Entry find(AxisSpan span, int n_nodes);

    std::vector<double> const& nodes() const { return nodes_; }

private:
    Entry make(AxisSpan span, int n_nodes);
    std::vector<double> const& positions_;
    std::vector<float>& coefficients_;
    NodeBasis basis_;
    std::vector<double> nodes_;
    std::map<std::tuple<int, int, int>, Entry> made_;
};

}  // namespace nocturne
