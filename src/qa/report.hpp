// One self-contained HTML page per group. Enters: plain structs that the driver fills. Leaves: the page as text; every
// string in them is escaped, nothing is fetched from anywhere.
#pragma once

#include "nocturne/candidate.hpp"
#include "nocturne/image.hpp"
#include "qa/picture.hpp"
#include "qa/source_finder.hpp"
#include "qa/timing.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace nocturne {

enum class Verdict { pass, warn, fail };

/// A picture as it is embedded: `picture.rgb` may be empty once `png` is there.
struct ReportPicture {
    std::string png;  ///< bytes of a PNG file of picture.width × picture.height
    Picture picture;
    Product product = Product::dirty;
};

struct ReportInput {
    int subband = 0;   ///< sbNN
    std::string path;  ///< empty where the subband is missing
    std::uint64_t bytes = 0;
    std::string xxh128;
    double low_hz = 0, high_hz = 0;  ///< channel centres at its ends; 0 = unknown
    bool present() const { return !path.empty(); }
};

struct ReportOutput {
    std::string path, xxh128;
    std::uint64_t bytes = 0;
};

/// Names as `prov` prints them.
struct ReportProvenance {
    std::string run_id, status, code_version, command_line, host, device, device_uuid, started_utc;
    std::string config;      ///< effective configuration, as text
    std::string earth_note;  ///< which Earth-orientation values were used
    int ranks = 1;
    std::string slurm_job_id;  ///< empty = not under Slurm
    int restart_count = 0;
    std::vector<std::pair<std::string, std::string>> more;  ///< further lines of the table
};

struct Histogram {
    double low = 0, high = 0;
    std::vector<std::int64_t> counts;  ///< equal bins between low and high
};

/// A line of the verdict: what was looked at, its value, what is wanted.
struct ReportGate {
    std::string name, value, wanted;
    Verdict verdict = Verdict::pass;
};

using ReportLine = std::vector<std::array<float, 2>>;  ///< points (x, y); y NaN breaks the line

/// No line goes to or from point k: it is drawn as a dot, or it is a break.
inline bool stands_alone(ReportLine const& line, std::size_t k)
{
    return (k == 0 || std::isnan(line[k - 1][1])) && (k + 1 == line.size() || std::isnan(line[k + 1][1]));
}

enum class ReportMark { line, points };

/// Lines in one chart, for example one an antenna; each has its own hue.
struct ReportLines {
    std::string title, x_title;
    std::vector<ReportLine> lines;
    ReportMark mark = ReportMark::line;
    std::string name = {};  ///< of a file that shows it alone: "bandpass-phase-XX"
    std::vector<std::string> names =
        {};  ///< [line] of antennas or hands, to stand beside the ends of lines; empty: none
};

struct GroupReport {
    std::string group_id;
    std::string telescope;
    Verdict verdict = Verdict::pass;
    std::string verdict_reason;  ///< one sentence; empty = made from the gates
    std::vector<ReportGate> gates;
    Image about;                          ///< the image reported on, without its pixels
    double peak_jy = 0;                   ///< largest pixel of it, in Stokes Q, U, V the one of the largest |value|
    std::vector<ReportPicture> pictures;  ///< the first is drawn large with the sources on it
    std::vector<FoundSource> sources;     ///< by falling peak
    double source_threshold_sigma = 5;
    double source_floor_jy = 0;           ///< sidelobes of the brightest: fainter peaks are not listed
    std::vector<Candidate> candidates;    ///< of single integrations, by time
    std::int64_t snapshots_searched = 0;  ///< integrations that were imaged by themselves
    double detect_sigma = 0;
    Histogram histogram;                      ///< of pixel values
    std::vector<float> psf_cut_x, psf_cut_y;  ///< through the centre of the PSF, equally long, the peak in the middle
    double psf_sidelobe = 0;                  ///< largest value outside the main lobe
    std::vector<std::array<float, 2>> uv_klambda;  ///< some of the uv points, for the figure; empty = not drawn
    SampleCount samples;
    std::vector<std::string> deaf;       ///< antennas, and hands of them, that hear nothing: "42", "7 in YY"
    std::vector<float> occupancy;        ///< [row][column] shares that are flagged, time downwards, frequency rising
    int occupancy_columns = 0;           ///< 0: not drawn
    std::vector<ReportLines> solutions;  ///< charts of what was solved
    std::vector<ReportInput> inputs;
    std::vector<ReportOutput> outputs;
    Ledger stages;
    double wall_s = 0;
    double bandwidth_bytes_per_s = 0;  ///< of one rank (measure_bandwidth()); 0 = unknown
    ReportProvenance provenance;
};

/// The page (UTF-8). Sections without content are left out.
std::string render_report(GroupReport const& report);

/// & < > " ' as entities, bytes that are not printable as U+FFFD.
std::string escape_html(std::string const& text);

}  // namespace nocturne
