// What MsReader holds, between its files only.
#pragma once

#include "io/ms_read_parts.hpp"

#include <algorithm>
#include <numeric>

namespace nocturne {

struct MsReader::State {
    std::string path;
    MsOptions options;
    ms::Table main;
    ms::RowTargets rows;
    ms::Axes axes;
    GroupHeader header;
    std::vector<int> window;                 ///< [row] or −1
    std::vector<std::uint8_t> flag_row;      ///< [row]
    std::vector<std::size_t> first;          ///< [baseline + 1] into by_baseline
    std::vector<std::uint32_t> by_baseline;  ///< rows of each baseline, in the order of the table
    ms::Cells data, model, flag, weight_spectrum, weight;
    std::vector<std::complex<float>> vis_buffer, model_buffer;
    std::vector<std::uint8_t> flag_buffer;
    std::vector<float> weight_buffer;
    float constant_weight = 0;
    std::uint64_t bytes = 0;

    Index n_correlations() const { return static_cast<Index>(axes.correlations.size()); }

    void open();
    void read(Index first_baseline, Index n, MsTarget const& to);

private:
    ms::RowColumns read_rows() const;
    void check_sizes(std::uint64_t tree) const;
    void index_rows();
    void attach_columns();
    ms::Cells visibilities(std::string const& name, char const* parameter) const;
    void find_constant_weight();
    void make_header(std::uint64_t tree);
    std::shared_ptr<SetLayout const> layout(std::vector<std::int32_t> const& descriptions) const;
    void read_uvw();

    struct Piece;
    void read_piece(Piece const& piece, MsTarget const& to);
    void place_row(std::uint32_t row, std::size_t at, Index first_baseline, MsTarget const& to) const;
};

namespace ms {

constexpr std::size_t rows_at_once = 65536;  // of UVW and WEIGHT

/// Calls body(rows) for all n rows of a table, some at a time.
template<class Body>
void for_each_rows(std::size_t n, Body const& body)
{
    std::vector<std::uint32_t> rows;
    for (std::size_t r = 0; r < n; r += rows_at_once) {
        rows.resize(std::min(rows_at_once, n - r));
        std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(r));
        body(rows);
    }
}

/// A weight that can be used: positive and finite.
inline bool usable(float weight) { return weight > 0 && weight < 3.0e38F; }

}  // namespace ms
}  // namespace nocturne
