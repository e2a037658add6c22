#include "io/casa_import.hpp"

#include "io/ms_read_tables.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>

namespace nocturne {
namespace {

constexpr double s_per_ns = 1e-9;
constexpr std::size_t most_table_channels = 1 << 20;
constexpr std::uint64_t most_table_rows = std::uint64_t(1) << 24;

/// What stands behind "SubType = " in table.info.
std::string info_line(std::string const& path, std::string const& key)
{
    std::ifstream info(path + "/table.info");
    for (std::string line; std::getline(info, line);) {
        auto const equals = line.find(" = ");
        if (equals != std::string::npos && line.substr(0, equals) == key) return line.substr(equals + 3);
    }
    return "";
}

Error unfit(std::string const& problem, std::string const& reason, std::string const& advice)
{
    return Error(Code::bad_input, problem, reason, advice);
}

CalKind kind_of(std::string const& type)
{
    if (type == "K Jones") return CalKind::delay;
    if (type == "B Jones") return CalKind::bandpass;
    if (type == "G Jones") return CalKind::gain;
    throw unfit("a calibration table of kind '" + type + "'", "K, B and G tables are applied here, no others",
                "correct it with CASA's applycal, or leave it out");
}

struct MainRows {
    std::vector<double> time, interval;
    std::vector<std::int32_t> window, antenna, reference, field;
};

/// Reads one CASA table.
class Importer {
public:
    explicit Importer(std::string const& path)
        : kind_(kind_of(info_line(path, "SubType"))),
          main_(ms::Table::open(path)),
          windows_(main_.subtable("SPECTRAL_WINDOW")),
          antennas_(main_.subtable("ANTENNA"))
    {
        if (kind_ == CalKind::delay && main_.text_keyword("CASA_Version").empty())
            throw unfit("a K table without the keyword CASA_Version",
                        "such tables were written before CASA 5.3, and their reference frequency is another one",
                        "make it anew with a newer CASA");
        if (main_.rows() == 0 || main_.rows() > most_table_rows)
            throw unfit("a calibration table of " + std::to_string(main_.rows()) + " rows", "that cannot be applied",
                        "give one with solutions");
        rows_ = {main_.doubles("TIME"),      main_.doubles("INTERVAL"),  main_.integers("SPECTRAL_WINDOW_ID"),
                 main_.integers("ANTENNA1"), main_.integers("ANTENNA2"), {}};
        if (main_.has("FIELD_ID")) rows_.field = main_.integers("FIELD_ID");
        bool const delay = kind_ == CalKind::delay;
        values_ = main_.cells(delay ? "FPARAM" : "CPARAM", delay ? ms::Cell::f32 : ms::Cell::complex_f32);
        flags_ = main_.cells("FLAG", ms::Cell::boolean);
        if (main_.has("PARAMERR")) errors_ = main_.cells("PARAMERR", ms::Cell::f32);
        if (main_.has("SNR")) snr_ = main_.cells("SNR", ms::Cell::f32);
    }

    CasaTables read() const
    {
        CasaTables made;
        auto const basis = main_.text_keyword("PolBasis");
        char const initial =
            basis.empty() ? 'u' : static_cast<char>(std::tolower(static_cast<unsigned char>(basis[0])));
        made.names_hands = initial == 'l' || initial == 'c';  // linear, circular; else "unknown"
        bool const circular = initial == 'c';
        std::map<std::int32_t, std::vector<std::uint32_t>> by_window;
        for (std::uint32_t row = 0; row < rows_.time.size(); ++row) by_window[rows_.window[row]].push_back(row);
        for (auto const& [window, rows] : by_window) {
            auto table = within("spectral window " + std::to_string(window), [&] { return begin(window); });
            table.correlations = circular ? std::vector<Correlation>{Correlation::RR, Correlation::LL}
                                          : std::vector<Correlation>{Correlation::XX, Correlation::YY};
            fill(table, rows);
            made.tables.push_back(std::move(table));
        }
        return made;
    }

private:
    CalTable begin(std::int32_t window) const
    {
        if (window < 0 || static_cast<std::uint64_t>(window) >= windows_.rows())
            throw unfit("a spectral window that there is none of", "SPECTRAL_WINDOW is shorter", "check the table");
        auto const row = static_cast<std::uint64_t>(window);
        CalTable table;
        table.kind = kind_;
        table.freq_hz = windows_.double_cell("CHAN_FREQ", row, most_table_channels);
        table.channel_width_hz = windows_.double_cell("CHAN_WIDTH", row, most_table_channels);
        if (table.freq_hz.empty() || table.freq_hz.size() != table.channel_width_hz.size() ||
            (kind_ != CalKind::bandpass && table.freq_hz.size() != 1))
            throw unfit("channels that do not fit a table of kind " + std::string(name(kind_)),
                        std::to_string(table.freq_hz.size()) + " frequencies", "check the table");
        for (double& width : table.channel_width_hz) width = std::abs(width);
        table.reference_hz = table.freq_hz[table.freq_hz.size() / 2];
        table.pointing_dec_rad = std::numeric_limits<double>::quiet_NaN();
        table.group_id = main_.text_keyword("MSName");
        table.method = "CASA " + main_.text_keyword("CASA_Version");
        table.gauge = Gauge::reference;
        auto const names = antennas_.strings("NAME");
        auto const diameters = antennas_.doubles("DISH_DIAMETER");
        for (std::size_t a = 0; a < names.size(); ++a) {
            auto const position = antennas_.double_cell("POSITION", a, 3);
            if (position.size() != 3) throw unfit("an antenna without a position", names[a], "check the table");
            table.antennas.push_back({names[a], -1, {position[0], position[1], position[2]}, diameters[a]});
        }
        table.telescope = table.antennas;
        return table;
    }

    void fill(CalTable& table, std::vector<std::uint32_t> const& rows) const
    {
        std::map<double, std::size_t> at_time;
        for (auto row : rows) at_time.emplace(rows_.time[row], 0);
        for (auto& [time, index] : at_time) {
            index = table.intervals.size();
            table.intervals.push_back({time, time, time});
        }
        bool const descending = table.freq_hz.front() > table.freq_hz.back();
        allocate(table);
        std::map<std::pair<std::size_t, std::int32_t>, std::uint32_t> earlier;  // by interval and antenna
        for (auto row : rows) {
            auto const index = at_time.at(rows_.time[row]);
            auto& interval = table.intervals[index];
            interval.start_mjd_s = rows_.time[row] - rows_.interval[row] / 2;
            interval.end_mjd_s = rows_.time[row] + rows_.interval[row] / 2;
            auto const antenna = rows_.antenna[row];
            if (antenna < 0 || static_cast<std::size_t>(antenna) >= table.antennas.size())
                throw unfit("row " + std::to_string(row) + " of an antenna that there is none of", "ANTENNA is shorter",
                            "check the table");
            auto const reference = rows_.reference[row];
            if (reference >= 0 && static_cast<std::size_t>(reference) < table.antennas.size())
                table.reference_antenna = reference;
            fill_row(table, row, index, earlier.try_emplace({index, antenna}, row).first->second);
        }
        bound(table.intervals);
        table.phase_only = holds_phases_alone(table);
        if (!descending) return;
        std::reverse(table.freq_hz.begin(), table.freq_hz.end());
        std::reverse(table.channel_width_hz.begin(), table.channel_width_hz.end());
    }

    /// CASA writes an INTERVAL of 0: each solution then holds half-way to its neighbours in time, as applycal flags by the nearest.
    static void bound(std::vector<CalInterval>& intervals)
    {
        auto const n = intervals.size();
        auto const half_gap = [&](std::size_t i) {
            return (intervals[i + 1].time_mjd_s - intervals[i].time_mjd_s) / 2;
        };
        for (std::size_t i = 0; i < n && n > 1; ++i) {
            auto& at = intervals[i];
            if (at.end_mjd_s > at.start_mjd_s) continue;
            at.start_mjd_s = at.time_mjd_s - half_gap(i > 0 ? i - 1 : 0);
            at.end_mjd_s = at.time_mjd_s + half_gap(i + 1 < n ? i : i - 1);
        }
    }

    /// Amplitudes are exactly 1 where none was solved for.
    bool holds_phases_alone(CalTable const& table) const
    {
        if (kind_ != CalKind::gain) return false;
        bool any = false;
        for (std::size_t k = 0; k < table.gain.size(); ++k) {
            if (table.flag[k]) continue;
            any = true;
            if (std::abs(std::abs(table.gain[k]) - 1.0F) > 1e-5F) return false;
        }
        return any;
    }

    void allocate(CalTable& table) const
    {
        auto const n = table.size();
        if (n > (std::size_t(1) << 28))
            throw unfit("a table of " + std::to_string(n) + " values", "too large", "cut it");
        table.flag.assign(n, 1);
        if (kind_ == CalKind::delay) {
            table.delay_s.assign(n, 0);
            table.delay_error_s.assign(n, 0);
        } else {
            table.gain.assign(n, 1.0F);
            table.amplitude_error.assign(n, 0);
            table.phase_error_rad.assign(n, 0);
        }
        table.solves.resize(table.intervals.size() * table.correlations.size() * table.freq_hz.size());
    }

    /// "3C286 (0)" of a row.
    std::string field_of(std::uint32_t row) const
    {
        if (rows_.field.empty()) return "of no number";
        auto const field = rows_.field[row];
        auto const number = std::to_string(field);
        if (field < 0 || !main_.has_subtable("FIELD")) return number;
        auto const names = main_.subtable("FIELD").strings("NAME");
        return static_cast<std::size_t>(field) < names.size()
                   ? names[static_cast<std::size_t>(field)] + " (" + number + ")"
                   : number;
    }

    Error twice(CalTable const& table, std::uint32_t one, std::uint32_t two) const
    {
        return unfit(
            "two solutions of antenna " + table.antennas[static_cast<std::size_t>(rows_.antenna[one])].name +
                " at one time, of fields " + field_of(one) + " and " + field_of(two),
            "they differ, and fields are not told apart here (rows " + std::to_string(one) + " and " +
                std::to_string(two) + ")",
            "give a table of one field (in CASA: tb.query('FIELD_ID==0').copy('one.G', deep=True)), of fluxscale "
            "the one of incremental=False");
    }

    /// Cells are [channel][receptor]. `first` is the first row of that interval and antenna: others may not differ from it.
    void fill_row(CalTable& table, std::uint32_t row, std::size_t interval, std::uint32_t first) const
    {
        auto const nc = table.freq_hz.size();
        std::vector<std::int64_t> const shape{2, static_cast<std::int64_t>(nc)};
        for (auto const* cells : {&values_, &flags_})
            if (!cells->defined(row) || cells->shape(row) != shape)
                throw unfit("row " + std::to_string(row) + " has solutions of another shape",
                            "two receptors and " + std::to_string(nc) + " channels are expected", "check the table");
        std::vector<float> error(2 * nc), snr(2 * nc), value(2 * nc);
        std::vector<std::complex<float>> gain(2 * nc);
        auto const flag = std::make_unique<bool[]>(2 * nc);
        values_.read({row}, shape, kind_ == CalKind::delay ? static_cast<void*>(value.data()) : gain.data());
        flags_.read({row}, shape, flag.get());
        if (errors_ && errors_.defined(row) && errors_.shape(row) == shape) errors_.read({row}, shape, error.data());
        if (snr_ && snr_.defined(row) && snr_.shape(row) == shape) snr_.read({row}, shape, snr.data());
        bool const descending = table.freq_hz.front() > table.freq_hz.back();
        for (std::size_t c = 0; c < nc; ++c)
            for (std::size_t p = 0; p < 2; ++p) {
                std::size_t const from = 2 * c + p;
                bool const finite = std::isfinite(value[from]) && std::isfinite(std::norm(gain[from]));
                if (flag[from] || !finite || (kind_ != CalKind::delay && !(std::norm(gain[from]) > 0))) continue;
                auto const to =
                    table.at(interval, static_cast<std::size_t>(rows_.antenna[row]), p, descending ? nc - 1 - c : c);
                bool const differs = kind_ == CalKind::delay
                                         ? table.delay_s[to] != s_per_ns * static_cast<double>(value[from])
                                         : table.gain[to] != gain[from];
                if (!table.flag[to] && differs) throw twice(table, first, row);
                table.flag[to] = 0;
                if (kind_ == CalKind::delay) {
                    table.delay_s[to] = s_per_ns * static_cast<double>(value[from]);
                    table.delay_error_s[to] = s_per_ns * static_cast<double>(error[from]);
                } else {
                    table.gain[to] = gain[from];
                    table.amplitude_error[to] = error[from];
                    table.phase_error_rad[to] = snr[from] > 0 ? 1 / snr[from] : 0;
                }
            }
    }

    CalKind kind_;
    ms::Table main_, windows_, antennas_;
    MainRows rows_;
    ms::Cells values_, flags_, errors_, snr_;
};

}  // namespace

bool is_casa_caltable(std::string const& path)
{
    return std::filesystem::is_directory(path) && std::filesystem::exists(path + "/table.dat") &&
           info_line(path, "Type") == "Calibration";
}

CasaTables read_casa_directory(std::string const& path)
{
    return within("CASA table " + path, [&] {
        if (!is_casa_caltable(path))
            throw unfit("the directory is no calibration table of CASA", "its table.info does not say so",
                        "name a file that solve wrote, or a CASA table of kind K, B or G");
        return Importer(path).read();
    });
}

}  // namespace nocturne
