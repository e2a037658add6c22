// Frequencies and correlations of a UVH5 file. Enters: Header/freq_array, channel_width, polarization_array and the arrays of
// spectral windows. Leaves: ascending or descending channels, and where each sample lies in a stored row.
#include "io/damaged.hpp"
#include "io/header_parts.hpp"
#include "io/spacing.hpp"
#include "nocturne/radio_band.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <set>

namespace nocturne {
namespace {

using hdf5::Fields;
using Codes = std::vector<std::int64_t>;

/// The channels as the file has them.
struct StoredBand {
    std::vector<double> freq_hz, width_hz;
    Codes window;       ///< [channel] spectral window
    Codes correlation;  ///< [channel] of a file whose windows have one correlation each; else empty
};

/// freq_array is (Nfreqs) or (1, Nfreqs), channel_width a scalar or (Nfreqs).
void read_frequencies(Fields const& fields, hsize_t n, StoredBand& band)
{
    hdf5::Shape const flat{n}, legacy{1, n};
    band.freq_hz = fields.numbers("freq_array", fields.shape("freq_array").size() == 2 ? legacy : flat);
    band.width_hz = fields.shape("channel_width") == flat ? fields.numbers("channel_width", flat)
                                                          : std::vector<double>(n, fields.number("channel_width"));
    for (double& width : band.width_hz) width = std::abs(width);
    for (std::size_t c = 0; c < n; ++c)
        if (band.freq_hz[c] <= 0) throw bad_file("Header/freq_array is not positive", "channel " + std::to_string(c));
    if (auto const odd = not_in_hz(band.freq_hz); !odd.empty()) throw bad_file("Header/freq_array is not in Hz", odd);
}

Correlation known_correlation(std::int64_t code)
{
    if (code < -8 || code > 4 || code == 0)
        throw bad_file("Header/polarization_array holds an unknown code", std::to_string(code));
    return static_cast<Correlation>(code);
}

/// The one correlation of each spectral window, spread over the channels.
void read_window_correlations(Fields const& fields, StoredBand& band)
{
    auto const shape = fields.shape("spw_array");
    auto const windows = fields.integers("spw_array", shape);
    auto const codes = fields.integers("flex_spw_polarization_array", shape);
    for (auto const window : band.window) {
        auto const at = std::find(windows.begin(), windows.end(), window) - windows.begin();
        if (at == std::ssize(windows))
            throw bad_file("Header/flex_spw_id_array names a window that Header/spw_array lacks",
                           std::to_string(window));
        band.correlation.push_back(codes[static_cast<std::size_t>(at)]);
    }
}

/// A width of 0 was never written: the distance to the nearest channel of the window stands for it.
void fill_widths(StoredBand& band, FileHeader& header)
{
    if (!std::count(band.width_hz.begin(), band.width_hz.end(), 0.0)) return;
    std::map<std::int64_t, std::vector<double>> of_window;
    for (std::size_t c = 0; c < band.freq_hz.size(); ++c) of_window[band.window[c]].push_back(band.freq_hz[c]);
    for (auto& [window, freq_hz] : of_window) std::sort(freq_hz.begin(), freq_hz.end());
    for (std::size_t c = 0; c < band.freq_hz.size(); ++c) {
        if (band.width_hz[c] != 0) continue;
        band.width_hz[c] = distance_to_nearest(of_window[band.window[c]], band.freq_hz[c], 0);
        if (band.width_hz[c] == 0)
            throw bad_file("Header/channel_width is 0", "channel " + std::to_string(c) + " has no other in its window");
    }
    header.notes.push_back("channel_width is 0: taken from the distances between channels");
}

StoredBand read_stored(Fields const& fields, FileHeader& header)
{
    StoredBand band;
    auto const n = static_cast<hsize_t>(header.stored_channels);
    read_frequencies(fields, n, band);
    band.window = fields.has_value("flex_spw_id_array") ? fields.integers("flex_spw_id_array", {n}) : Codes(n, 0);
    fill_widths(band, header);
    if (!fields.has_value("flex_spw_polarization_array")) return band;
    if (header.stored_correlations != 1)
        throw bad_file("Header/flex_spw_polarization_array with several polarizations", "Header/Npols is not 1");
    read_window_correlations(fields, band);
    return band;
}

void read_correlations(Fields const& fields, FileHeader& header)
{
    for (auto const code : fields.integers("polarization_array", {static_cast<hsize_t>(header.stored_correlations)})) {
        auto const correlation = known_correlation(code);
        if (std::count(header.correlations.begin(), header.correlations.end(), correlation))
            throw bad_file("Header/polarization_array names a correlation twice", std::to_string(code));
        header.correlations.push_back(correlation);
    }
}

/// Channels sorted by frequency, then by window.
std::vector<std::size_t> by_frequency(StoredBand const& band)
{
    std::vector<std::size_t> order(band.freq_hz.size());
    std::iota(order.begin(), order.end(), std::size_t(0));
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return std::pair(band.freq_hz[a], band.window[a]) < std::pair(band.freq_hz[b], band.window[b]);
    });
    return order;
}

void check_repeats(StoredBand const& band, std::vector<std::size_t> const& order)
{
    for (std::size_t k = 1; k < order.size(); ++k)
        if (band.freq_hz[order[k]] == band.freq_hz[order[k - 1]] && band.window[order[k]] == band.window[order[k - 1]])
            throw bad_file("Header/freq_array names a frequency twice", "channel " + std::to_string(order[k]));
}

void take_channels(StoredBand const& band, std::vector<std::size_t> const& order, FileHeader& header)
{
    for (std::size_t const c : order) {
        header.freq_hz.push_back(band.freq_hz[c]);
        header.channel_width_hz.push_back(band.width_hz[c]);
    }
}

void find_windows(StoredBand const& band, std::vector<std::size_t> const& order, FileHeader& header)
{
    std::set<std::int64_t> const windows(band.window.begin(), band.window.end());
    for (std::size_t k = 1; k < order.size(); ++k)
        if (band.window[order[k]] != band.window[order[k - 1]])
            header.window_first.push_back(static_cast<std::int64_t>(k));
    if (header.window_first.size() + 1 != windows.size()) header.window_first.clear();
}

/// All windows have the same correlations.
void set_plain(StoredBand const& band, FileHeader& header)
{
    auto const order = by_frequency(band);
    check_repeats(band, order);
    find_windows(band, order, header);
    bool const rising = std::is_sorted(order.begin(), order.end());
    if (rising || std::is_sorted(order.begin(), order.end(), std::greater<>())) {
        header.freq_hz = band.freq_hz;
        header.channel_width_hz = band.width_hz;
        return;
    }
    take_channels(band, order, header);
    for (std::size_t const c : order)
        for (std::int64_t p = 0; p < header.stored_correlations; ++p)
            header.sample_order.push_back(
                static_cast<std::int32_t>(static_cast<std::int64_t>(c) * header.stored_correlations + p));
}

/// One correlation a window: windows of the same frequencies become correlations of one.
void set_flexible(StoredBand const& band, FileHeader& header)
{
    std::set<std::int64_t, std::greater<>> const codes(band.correlation.begin(), band.correlation.end());
    std::size_t const n = codes.size();
    for (auto const code : codes) header.correlations.push_back(known_correlation(code));
    auto order = by_frequency(band);
    auto const rank = [&](std::size_t c) { return std::distance(codes.begin(), codes.find(band.correlation[c])); };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return std::pair(band.freq_hz[a], rank(a)) < std::pair(band.freq_hz[b], rank(b));
    });
    std::vector<std::size_t> channels;
    for (std::size_t k = 0; k < order.size(); ++k) {
        bool const fits = order.size() % n == 0 && static_cast<std::size_t>(rank(order[k])) == k % n &&
                          band.freq_hz[order[k]] == band.freq_hz[order[k - k % n]];
        if (!fits)
            throw bad_file("the spectral windows of different polarizations have different channels",
                           "Header/flex_spw_polarization_array, channel " + std::to_string(order[k]));
        if (k % n == 0) channels.push_back(order[k]);
        header.sample_order.push_back(static_cast<std::int32_t>(order[k]));
    }
    take_channels(band, channels, header);
}

}  // namespace

void order_correlations(std::vector<Correlation> const& like, FileHeader& header)
{
    auto const& given = header.correlations;
    if (given == like || given.size() != like.size()) return;
    std::vector<int> from;
    for (auto const correlation : like) from.push_back(place_of(correlation, given));
    if (std::count(from.begin(), from.end(), -1) > 0) return;
    auto const np = static_cast<std::int64_t>(given.size()), nc = std::ssize(header.freq_hz);
    std::vector<std::int32_t> order;
    order.reserve(static_cast<std::size_t>(nc * np));
    for (std::int64_t c = 0; c < nc; ++c)
        for (int const p : from)
            order.push_back(header.sample_order.empty() ? static_cast<std::int32_t>(c * np + p)
                                                        : header.sample_order[static_cast<std::size_t>(c * np + p)]);
    header.sample_order = std::move(order);
    header.correlations = like;
}

void read_band(Fields const& fields, FileHeader& header)
{
    auto const band = read_stored(fields, header);
    if (!band.correlation.empty()) return set_flexible(band, header);
    read_correlations(fields, header);
    set_plain(band, header);
}

}  // namespace nocturne
