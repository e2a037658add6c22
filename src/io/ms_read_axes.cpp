// Spectral windows and correlations of a Measurement Set, on one frequency axis.
#include "io/ms_read_parts.hpp"
#include "io/ms_read_tables.hpp"
#include "nocturne/radio_band.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

namespace nocturne::ms {
namespace {

constexpr std::size_t most_channels = 10'000'000;

/// casacore's Stokes::StokesTypes (MS definition 2.0, table POLARIZATION); others are not visibilities of ours.
std::optional<Correlation> correlation_of(int casa)
{
    using enum Correlation;
    constexpr Correlation known[] = {I, Q, U, V, RR, RL, LR, LL, XX, XY, YX, YY};
    if (casa < 1 || casa > 12) return std::nullopt;
    return known[casa - 1];
}

Error bad_spw(std::string const& text)
{
    return Error(Code::bad_config, "windows is '" + text + "'", "it is no list of numbers",
                 "write for example 0, or 0,2, or 0~3");
}

int number_of(std::string const& part, std::string const& whole)
{
    int value = 0;
    auto const end = part.data() + part.size();
    auto const result = std::from_chars(part.data(), end, value);
    if (result.ec != std::errc() || result.ptr != end || value < 0) throw bad_spw(whole);
    return value;
}

/// "0,2~4" → {0, 2, 3, 4}.
std::set<int> parse_spw(std::string const& text)
{
    std::set<int> numbers;
    for (std::size_t at = 0; at <= text.size();) {
        auto const comma = std::min(text.find(',', at), text.size());
        auto const part = text.substr(at, comma - at);
        auto const tilde = part.find('~');
        int const first = number_of(part.substr(0, tilde), text);
        int const last = tilde == std::string::npos ? first : number_of(part.substr(tilde + 1), text);
        if (last < first || last - first > 100'000) throw bad_spw(text);
        for (int id = first; id <= last; ++id) numbers.insert(id);
        at = comma + 1;
    }
    return numbers;
}

Window read_window(Table const& table, int id)
{
    Window window;
    window.id = id;
    auto const row = static_cast<std::size_t>(id);
    window.freq_hz = table.double_cell("CHAN_FREQ", row, most_channels);
    window.width_hz = table.double_cell("CHAN_WIDTH", row, most_channels);
    auto const what = "SPECTRAL_WINDOW " + std::to_string(id);
    if (window.freq_hz.empty() || window.width_hz.size() != window.freq_hz.size())
        throw unreadable(what, "CHAN_FREQ and CHAN_WIDTH differ in length, or are empty");
    for (double& width : window.width_hz) width = std::abs(width);
    for (std::size_t c = 0; c < window.freq_hz.size(); ++c)
        if (!(window.freq_hz[c] > 0) || !std::isfinite(window.freq_hz[c]) || !std::isfinite(window.width_hz[c]))
            throw unreadable(what, "channel " + std::to_string(c) + " has no positive, finite frequency");
    if (auto const odd = not_in_hz(window.freq_hz); !odd.empty()) throw unreadable(what, "CHAN_FREQ is " + odd);
    return window;
}

std::vector<Correlation> read_hands(Table const& table, int id)
{
    std::vector<Correlation> all;
    for (int casa : table.integer_cell("CORR_TYPE", static_cast<std::size_t>(id), 64)) {
        auto const known = correlation_of(casa);
        if (!known || std::count(all.begin(), all.end(), *known) > 0)
            throw Error(Code::bad_input, "CORR_TYPE " + std::to_string(casa) + " in POLARIZATION " + std::to_string(id),
                        "not one of I Q U V RR RL LR LL XX XY YX YY, or there twice",
                        "convert the data to linear, circular or Stokes correlations");
        all.push_back(*known);
    }
    if (all.empty()) throw unreadable("POLARIZATION " + std::to_string(id), "it has no correlation");
    return all;
}

/// Puts the channels of all windows on one ascending axis.
void join_windows(Axes& axes)
{
    std::sort(axes.windows.begin(), axes.windows.end(), [](Window const& a, Window const& b) {
        return *std::min_element(a.freq_hz.begin(), a.freq_hz.end()) <
               *std::min_element(b.freq_hz.begin(), b.freq_hz.end());
    });
    int below = -1;
    for (auto& window : axes.windows) {
        std::vector<std::size_t> order(window.freq_hz.size());
        for (std::size_t c = 0; c < order.size(); ++c) order[c] = c;
        std::sort(order.begin(), order.end(), [&](auto a, auto b) { return window.freq_hz[a] < window.freq_hz[b]; });
        window.channel.resize(order.size());
        for (std::size_t const c : order) {
            double const freq = window.freq_hz[c];
            if (!axes.freq_hz.empty() && freq <= axes.freq_hz.back())
                throw Error(
                    Code::bad_input,
                    below == window.id
                        ? "two channels of SPECTRAL_WINDOW " + std::to_string(below) + " have one frequency"
                        : "spectral windows " + std::to_string(below) + " and " + std::to_string(window.id) +
                              " overlap",
                    "at " + std::to_string(freq / 1e6) + " MHz",
                    "choose windows that do not with --windows, for example --windows " + std::to_string(window.id));
            window.channel[c] = static_cast<Index>(axes.freq_hz.size());
            axes.freq_hz.push_back(freq);
            axes.width_hz.push_back(window.width_hz[c]);
            below = window.id;
        }
        window.step = window.channel.size() > 1 ? window.channel[1] - window.channel[0] : 1;
        for (std::size_t c = 1; c < window.channel.size(); ++c)
            if (window.channel[c] - window.channel[c - 1] != window.step || std::abs(window.step) != 1) window.step = 0;
    }
}

/// Where antenna positions cannot tell: pyuvdata wrote V and uvw in UVH5's sign until it began to say so in a keyword.
bool is_conjugated(Table const& main, bool by_pyuvdata)
{
    return main.flag_keyword("pyuvdata_flip_conj").value_or(!by_pyuvdata);
}

bool is_by_pyuvdata(Table const& main)
{
    if (main.flag_keyword("pyuvdata_flip_conj")) return true;
    if (!main.has_subtable("HISTORY")) return false;
    auto const origins = main.subtable("HISTORY").strings("ORIGIN");
    return std::any_of(origins.begin(), origins.end(),
                       [](auto const& origin) { return origin.find("pyuvdata") != std::string::npos; });
}

/// Frequencies are taken as topocentric; another frame is up to 1e-4 of them away.
void note_frequency_frames(Table const& windows, Axes& axes)
{
    constexpr std::int32_t topocentric = 5;  // casacore's MFrequency::TOPO
    static constexpr char const* names[] = {"REST", "LSRK", "LSRD", "BARY", "GEO", "TOPO", "GALACTO", "LGROUP", "CMB"};
    if (!windows.has("MEAS_FREQ_REF")) return;
    auto const frames = windows.integers("MEAS_FREQ_REF");
    for (auto const& window : axes.windows) {
        auto const frame = frames.at(static_cast<std::size_t>(window.id));
        if (frame < 0 || frame >= std::ssize(names) || frame == topocentric) continue;
        axes.notes.push_back("frequencies of SPECTRAL_WINDOW " + std::to_string(window.id) + " are in the frame " +
                             names[frame] + " and are taken as they stand, as if topocentric: they are up to 1e-4 off");
    }
}

/// Every window that is asked for has rows. Error(bad_config) naming those that have.
void require_windows(std::string const& asked, std::set<int> const& wanted, std::vector<std::int32_t> const& used,
                     std::vector<std::int32_t> const& window_of)
{
    std::set<int> there;
    for (auto const id : used) there.insert(window_of[static_cast<std::size_t>(id)]);
    std::string names;
    for (int const w : there) names += (names.empty() ? "" : ", ") + std::to_string(w);
    for (int const w : wanted)
        if (!there.count(w))
            throw Error(Code::bad_config, "windows is '" + asked + "'",
                        "no row has spectral window " + std::to_string(w), "choose of those that rows have: " + names);
}

void choose_windows(Table const& main, MsOptions const& options, std::vector<std::int32_t> const& used, Axes& axes)
{
    auto const descriptions = main.subtable("DATA_DESCRIPTION");
    auto const spw = descriptions.integers("SPECTRAL_WINDOW_ID");
    auto const pol = descriptions.integers("POLARIZATION_ID");
    auto const windows = main.subtable("SPECTRAL_WINDOW"), polarizations = main.subtable("POLARIZATION");
    auto const wanted = options.spw.empty() ? std::set<int>{} : parse_spw(options.spw);
    axes.descriptions.resize(spw.size());
    std::vector<int> chosen;  // DATA_DESC_IDs
    for (auto const id : used) {
        if (id < 0 || static_cast<std::size_t>(id) >= spw.size())
            throw unreadable("column DATA_DESC_ID", std::to_string(id) + " is no row of DATA_DESCRIPTION");
        auto const d = static_cast<std::size_t>(id);
        if (spw[d] < 0 || static_cast<std::size_t>(spw[d]) >= windows.rows() || pol[d] < 0 ||
            static_cast<std::size_t>(pol[d]) >= polarizations.rows())
            throw unreadable("DATA_DESCRIPTION, row " + std::to_string(id),
                             "it names no row of SPECTRAL_WINDOW or POLARIZATION");
        if (wanted.empty() || wanted.count(spw[d])) chosen.push_back(id);
    }
    require_windows(options.spw, wanted, used, spw);
    for (auto const id : chosen) {
        auto const d = static_cast<std::size_t>(id);
        for (auto const& window : axes.windows)
            if (window.id == spw[d])
                throw Error(Code::bad_input, "SPECTRAL_WINDOW " + std::to_string(spw[d]) + " has two setups",
                            "DATA_DESC_ID " + std::to_string(id) + " and another use it",
                            "split the Measurement Set by polarization setup");
        auto const correlations = read_hands(polarizations, pol[d]);
        if (!axes.correlations.empty() && correlations != axes.correlations)
            throw Error(Code::bad_input, "spectral windows with different correlations",
                        "window " + std::to_string(spw[d]) + " differs from " + std::to_string(axes.windows.front().id),
                        "choose windows with --windows");
        axes.correlations = correlations;
        axes.windows.push_back(read_window(windows, spw[d]));
    }
    note_frequency_frames(windows, axes);
    join_windows(axes);
    for (auto const id : chosen)
        for (std::size_t w = 0; w < axes.windows.size(); ++w)
            if (axes.windows[w].id == spw[static_cast<std::size_t>(id)])
                axes.descriptions[static_cast<std::size_t>(id)].window = static_cast<int>(w);
}

}  // namespace

Axes read_axes(Table const& main, MsOptions const& options, RowColumns const& rows)
{
    auto used = rows.description;
    std::sort(used.begin(), used.end());
    used.erase(std::unique(used.begin(), used.end()), used.end());
    Axes axes;
    axes.by_pyuvdata = is_by_pyuvdata(main);
    axes.conjugated = is_conjugated(main, axes.by_pyuvdata);
    read_antennas(main, axes);
    read_fields(main, options.field, rows.time_s.front(), axes);
    choose_windows(main, options, used, axes);
    return axes;
}

}  // namespace nocturne::ms
