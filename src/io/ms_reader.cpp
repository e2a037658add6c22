// Opening a Measurement Set: columns, rows, header. Reading its samples: ms_read_spans.cpp.
#include "io/ms_reader.hpp"

#include "io/ms_reader_state.hpp"
#include "nocturne/set_layout.hpp"

#include <algorithm>
#include <filesystem>

namespace nocturne {
namespace {

constexpr std::uint64_t most_packing = 64;  // samples a byte of the files: beyond, a table declares what it cannot hold

}  // namespace

void MsReader::State::check_sizes(std::uint64_t tree) const
{
    if (main.rows() == 0)
        throw Error(Code::bad_input, "the Measurement Set has no rows", "its main table is empty",
                    "name one that holds data");
    if (main.rows() > tree || main.rows() > 0xFFFFFFF0U)
        throw ms::unreadable("table " + path, "it declares " + std::to_string(main.rows()) + " rows in " +
                                                  std::to_string(tree) + " bytes");
}

ms::RowColumns MsReader::State::read_rows() const
{
    for (char const* column : {"TIME", "INTERVAL", "EXPOSURE", "ANTENNA1", "ANTENNA2", "FIELD_ID", "DATA_DESC_ID",
                               "SCAN_NUMBER", "UVW", "FLAG"})
        if (!main.has(column)) throw ms::unreadable(std::string("column ") + column, "it is not there");
    if (auto const scale = main.reference("TIME"); !scale.empty() && scale != "UTC")
        throw Error(Code::bad_input, "TIME is in " + scale, "only UTC is read", "convert the column to UTC");
    return {
        main.doubles("TIME"),        main.doubles("INTERVAL"),
        main.doubles("EXPOSURE"),    main.has("TIME_CENTROID") ? main.doubles("TIME_CENTROID") : std::vector<double>{},
        main.integers("ANTENNA1"),   main.integers("ANTENNA2"),
        main.integers("FIELD_ID"),   main.integers("DATA_DESC_ID"),
        main.integers("SCAN_NUMBER")};
}

void MsReader::State::index_rows()
{
    auto const nb = rows.baselines.size();
    first.assign(nb + 1, 0);
    for (Index const t : rows.target)
        if (t >= 0) ++first[static_cast<std::size_t>(t) % nb + 1];
    for (std::size_t b = 0; b < nb; ++b) first[b + 1] += first[b];
    by_baseline.resize(first.back());
    auto next = first;
    for (std::size_t r = 0; r < rows.target.size(); ++r)
        if (rows.target[r] >= 0)
            by_baseline[next[static_cast<std::size_t>(rows.target[r]) % nb]++] = static_cast<std::uint32_t>(r);
}

/// A column of complex visibilities, named by a parameter. Throws Error where it cannot be used.
ms::Cells MsReader::State::visibilities(std::string const& name, char const* parameter) const
{
    std::string known;
    for (char const* other : {"DATA", "CORRECTED_DATA", "MODEL_DATA"})
        if (main.has(other)) known += (known.empty() ? "" : ", ") + std::string(other);
    if (!main.has(name) && known.empty() && main.has("FLOAT_DATA"))
        throw Error(Code::bad_input, "no column " + name,
                    "the set holds FLOAT_DATA alone: power of single dishes, without phases",
                    "give a set of an interferometer, with DATA");
    if (!main.has(name) && known.empty())
        throw Error(Code::bad_input, "no column " + name,
                    "the set has no visibilities: none of DATA, CORRECTED_DATA, MODEL_DATA",
                    "copy the Measurement Set again, or repair it with the program that wrote it");
    if (!main.has(name))
        throw Error(Code::bad_config, "no column " + name, "visibilities are in " + known,
                    std::string("choose one with ") + parameter);
    auto const type = main.type(name);
    if (type != "Complex array" && type != "DComplex array")
        throw Error(Code::bad_config, "column " + name + " holds no complex visibilities", "its type is " + type,
                    std::string("choose DATA, CORRECTED_DATA or MODEL_DATA with ") + parameter);
    return main.cells(name, type == "Complex array" ? ms::Cell::complex_f32 : ms::Cell::complex_f64);
}

void MsReader::State::attach_columns()
{
    data = visibilities(options.column, "--column");
    if (!options.model.empty()) model = visibilities(options.model, "--model-column");
    flag = main.cells("FLAG", ms::Cell::boolean);
    if (main.has("WEIGHT_SPECTRUM")) weight_spectrum = main.cells("WEIGHT_SPECTRUM", ms::Cell::f32);
    if (weight_spectrum && !weight_spectrum.defined(by_baseline.front())) weight_spectrum = {};
    if (weight_spectrum) return;
    if (!main.has("WEIGHT")) throw ms::unreadable("column WEIGHT", "neither it nor WEIGHT_SPECTRUM is there");
    weight = main.cells("WEIGHT", ms::Cell::f32);
    find_constant_weight();
}

void MsReader::State::find_constant_weight()
{
    auto const np = static_cast<std::size_t>(n_correlations());
    std::vector<float> values(np * ms::rows_at_once);
    bool constant = true;
    float one = 0;
    ms::for_each_rows(rows.target.size(), [&](std::vector<std::uint32_t> const& some) {
        if (!constant) return;
        weight.read(some, {n_correlations()}, values.data());
        if (some.front() == 0) one = values.front();
        constant = std::all_of(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(np * some.size()),
                               [&](float w) { return w == one; });
    });
    constant_weight = constant && ms::usable(one) ? one : 0;
}

void MsReader::State::open()
{
    auto const tree = tree_bytes(path);
    main = ms::Table::open(path);
    check_sizes(tree);
    auto const columns = read_rows();
    axes = ms::read_axes(main, options, columns);
    auto const samples = static_cast<double>(main.rows()) * static_cast<double>(axes.freq_hz.size()) *
                         static_cast<double>(axes.correlations.size()) / static_cast<double>(axes.windows.size());
    if (samples > static_cast<double>(most_packing) * static_cast<double>(tree))
        throw ms::unreadable("table " + path, "it declares " + std::to_string(samples) + " samples in " +
                                                  std::to_string(tree) + " bytes");
    rows = ms::map_rows(columns, axes);
    if (rows.n_repeated > 0)
        axes.notes.push_back(std::to_string(rows.n_repeated) +
                             " rows have time, antennas, field, scan and spectral window of another row: all are kept");
    if (rows.n_without_length > 0)
        axes.notes.push_back("INTERVAL and EXPOSURE are 0 in " + std::to_string(rows.n_without_length) +
                             " rows: taken from the distances between times");
    window.resize(columns.time_s.size());
    for (std::size_t r = 0; r < window.size(); ++r)
        window[r] = axes.descriptions[static_cast<std::size_t>(columns.description[r])].window;
    flag_row = main.has("FLAG_ROW") ? main.booleans("FLAG_ROW") : std::vector<std::uint8_t>(window.size());
    index_rows();
    attach_columns();
    make_header(tree);
    header.set = layout(columns.description);
    read_uvw();
}

/// Where each row stood, and which way round its channels and antennas.
std::shared_ptr<SetLayout const> MsReader::State::layout(std::vector<std::int32_t> const& descriptions) const
{
    auto const cells = rows.baselines.size() * rows.time_mjd_s.size(), n_windows = axes.windows.size();
    auto set = std::make_shared<SetLayout>();
    set->path = std::filesystem::absolute(path).lexically_normal().string();
    set->phased_by_uvw = axes.by_pyuvdata;
    for (char const* name : {"CORRECTED_DATA", "MODEL_DATA"})
        if (main.has(name)) set->columns.emplace_back(name);
    set->row_of.assign(cells * n_windows, -1);
    if (rows.turned != TurnedRows::none) set->turned.assign(cells * n_windows, 0);
    set->correlations = axes.correlations;
    for (auto const& w : axes.windows) {
        auto const lowest = *std::min_element(w.channel.begin(), w.channel.end());
        set->windows.push_back({0, lowest, std::ssize(w.channel), {}});
        for (Index const c : w.step == 1 ? std::vector<Index>{} : w.channel)
            set->windows.back().channel.push_back(static_cast<std::int32_t>(c - lowest));
    }
    for (std::size_t r = 0; r < rows.target.size(); ++r) {
        if (rows.target[r] < 0) continue;
        auto const w = static_cast<std::size_t>(window[r]);
        auto const at = w * cells + static_cast<std::size_t>(rows.target[r]);
        set->windows[w].description = descriptions[r];
        set->row_of[at] = static_cast<std::int64_t>(r);
        if (rows.turned != TurnedRows::none) set->turned[at] = rows.swapped[r];
    }
    return set;
}

void MsReader::State::make_header(std::uint64_t tree)
{
    header.group_id = std::filesystem::path(path).lexically_normal().stem().string();
    header.site = axes.site;
    header.centres.clear();
    for (auto const field : rows.used_fields) header.centres.push_back(axes.fields[static_cast<std::size_t>(field)]);
    header.moments = rows.moments;
    header.pointings = ms::read_pointings(main, rows.moments, axes.notes);
    header.moment_of = rows.moment_of;
    header.present = rows.present;
    header.exposure_s = rows.exposure_s;
    header.offset_s = rows.offset_s;
    header.freq_hz = axes.freq_hz;
    header.channel_width_hz = axes.width_hz;
    header.time_mjd_s = rows.time_mjd_s;
    header.integration_s = rows.integration_s;
    header.correlations = hands_of_rows(axes.correlations, rows.turned);
    header.antennas = axes.antennas;
    header.baselines = rows.baselines;
    header.expected_subbands = 1;
    Subband whole;
    whole.path = path;
    whole.bytes = tree;
    whole.n_channels = static_cast<std::int64_t>(axes.freq_hz.size());
    header.subbands = {whole};
}

MsReader::MsReader(std::string const& path, MsOptions const& options) : state_(std::make_unique<State>())
{
    state_->path = path;
    state_->options = options;
    within("Measurement Set " + path, [&] { state_->open(); });
}

MsReader::~MsReader() = default;

GroupHeader const& MsReader::header() const { return state_->header; }
std::vector<std::string> const& MsReader::notes() const { return state_->axes.notes; }
float MsReader::constant_weight() const { return state_->constant_weight; }
std::uint64_t MsReader::bytes_read() const { return state_->bytes; }

void MsReader::read(Index first, Index n, MsTarget const& target)
{
    within("Measurement Set " + state_->path, [&] { state_->read(first, n, target); });
}

}  // namespace nocturne
