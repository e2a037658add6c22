#include "io/ms_readback.hpp"

#include "io/hash.hpp"
#include "io/ms_cells.hpp"
#include "io/ms_read_tables.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace nocturne {
namespace {

constexpr double readback_tolerance_s = 2e-3;  // rows have their own, which a reader takes together up to 1 ms

[[noreturn]] void differs(std::string const& what, std::string const& reason)
{
    throw Error(Code::io, "what was written is not what is read back: " + what, reason,
                "check the medium, then run the same command again");
}

ms::Cell cell_of(MsColumn column)
{
    switch (column) {
        case MsColumn::uvw:
            return ms::Cell::f64;
        case MsColumn::flag:
            return ms::Cell::boolean;
        case MsColumn::weight:
        case MsColumn::sigma:
        case MsColumn::weight_spectrum:
            return ms::Cell::f32;
        case MsColumn::data:
        case MsColumn::corrected_data:
        case MsColumn::model_data:
            break;
    }
    return ms::Cell::complex_f32;
}

std::size_t element_bytes(ms::Cell cell)
{
    switch (cell) {
        case ms::Cell::complex_f32:
        case ms::Cell::complex_f64:
        case ms::Cell::f64:
            return 8;
        case ms::Cell::f32:
        case ms::Cell::integer:
            return 4;
        case ms::Cell::boolean:
            break;
    }
    return 1;
}

class Comparison {
public:
    Comparison(std::string const& directory, MsRequest const& request)
        : request_(request), rows_(request), table_(ms::Table::open(directory))
    {
        for (auto column : tiled_columns(request)) cells_[column] = table_.cells(name(column), cell_of(column));
        n_corr_ = static_cast<std::int64_t>(rows_.correlations().corr_type.size());
    }

    void check_main() const
    {
        auto const n = static_cast<std::uint64_t>(rows_.n_rows());
        if (table_.rows() != n)
            differs("number of rows", std::to_string(table_.rows()) + " instead of " + std::to_string(n));
        auto const time = table_.doubles("TIME");
        auto const ant1 = table_.integers("ANTENNA1"), ant2 = table_.integers("ANTENNA2"),
                   field = table_.integers("FIELD_ID");
        auto const moments = request_.header.all_moments();
        auto const content = rows_.in_order();
        for (std::size_t const row : {std::size_t(0), content.size() - 1}) {
            auto const& at = content[row];
            auto const moment = static_cast<std::size_t>(at.moment);
            auto const [a, b] = request_.header.baselines[static_cast<std::size_t>(at.baseline)];
            bool const antennas = std::minmax(ant1[row], ant2[row]) == std::minmax(a, b),
                       times = std::abs(time[row] - moments[moment].time_mjd_s) <= readback_tolerance_s;
            bool const fields = request_.kept.fields || field[row] == request_.field_of_moment[moment];
            if (!antennas || !times || !fields)
                differs("row " + std::to_string(row), "time, antennas or field are others");
        }
    }

    /// Returns the bytes.
    std::uint64_t check(MsSample const& sample)
    {
        auto const cell = cell_of(sample.column);
        auto const& cells = cells_.at(sample.column);
        auto const shape = shape_of(sample);
        if (cells.shape(static_cast<std::uint64_t>(sample.first_row)) != shape)
            differs(place(sample), "the shape of its cells is another");
        auto const per_row =
            static_cast<std::size_t>(std::accumulate(shape.begin(), shape.end(), std::int64_t(1), std::multiplies<>()));
        std::vector<std::uint32_t> rows(static_cast<std::size_t>(sample.n_rows));
        std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(sample.first_row));
        buffer_.resize(rows.size() * per_row * element_bytes(cell));
        cells.read(rows, shape, buffer_.data());
        std::size_t bytes = buffer_.size();
        if (cell == ms::Cell::boolean) {
            auto const packed = (per_row + 7) / 8;
            bits_.resize(rows.size() * packed);
            for (std::size_t r = 0; r < rows.size(); ++r)
                pack_bits(buffer_.data() + r * per_row, static_cast<Index>(per_row), 0xff, bits_.data() + r * packed);
            bytes = bits_.size();
        }
        auto const& content = cell == ms::Cell::boolean ? bits_ : buffer_;
        if (hash_bytes(content.data(), bytes) != sample.xxh128) differs(place(sample), "its content is another");
        return bytes;
    }

private:
    /// The window of a sample stands in DATA_DESC_ID of its first row.
    std::vector<std::int64_t> shape_of(MsSample const& sample)
    {
        if (sample.column == MsColumn::uvw) return {3};
        if (!by_channel(sample.column)) return {n_corr_};
        if (windows_.empty()) windows_ = table_.integers("DATA_DESC_ID");
        auto const description = windows_[static_cast<std::size_t>(sample.first_row)];
        for (auto const& window : rows_.windows())
            if (window.description == description) return {n_corr_, window.n_channels};
        differs(place(sample), "DATA_DESC_ID is another");
    }

    static std::string place(MsSample const& sample)
    {
        return "column " + std::string(name(sample.column)) + ", rows " + std::to_string(sample.first_row) + " to " +
               std::to_string(sample.first_row + sample.n_rows - 1);
    }

    MsRequest const& request_;
    MsRows rows_;
    ms::Table table_;
    std::map<MsColumn, ms::Cells> cells_;
    std::int64_t n_corr_ = 0;
    std::vector<std::int32_t> windows_;
    std::vector<std::uint8_t> buffer_, bits_;
};

}  // namespace

MsReadback read_back(std::string const& directory, MsRequest const& request, std::vector<MsSample> const& samples)
{
    Comparison comparison(directory, request);
    comparison.check_main();
    MsReadback result;
    result.rows = MsRows(request).n_rows();
    for (auto const& sample : samples) result.bytes_compared += comparison.check(sample);
    return result;
}

}  // namespace nocturne
