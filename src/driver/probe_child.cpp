// The child of driver/probe.hpp. Enters: paths, one a message. Leaves: what HDF5 said of each, if this process lives to tell.
#include "driver/parent_link.hpp"
#include "driver/probe_json.hpp"
#include "io/uvh5_check.hpp"
#include "nocturne/units.hpp"

#include <iterator>

namespace nocturne {
namespace {

FileSummary summary_of(FileHeader const& header)
{
    auto const& rows = *header.rows;
    FileSummary summary;
    summary.telescope_name = header.site.telescope_name;
    summary.n_integrations = std::ssize(rows.time_mjd_s);
    summary.n_baselines = std::ssize(rows.baselines);
    summary.n_channels = std::ssize(header.freq_hz);
    summary.n_correlations = std::ssize(header.correlations);
    summary.freq_first_hz = header.freq_hz.front();
    summary.freq_last_hz = header.freq_hz.back();
    summary.start_mjd = (rows.time_mjd_s.front() - 0.5 * rows.integration_s.front()) / day_s;
    summary.end_mjd = (rows.time_mjd_s.back() + 0.5 * rows.integration_s.back()) / day_s;
    if (header.centres.front().kind != PhaseReference::unphased)
        summary.dec_deg = header.centres.front().direction.dec.value() / degree_rad;
    return summary;
}

nlohmann::json json_of_probe(Probe const& probe) { return {{"result", name(probe.result)}, {"reason", probe.reason}}; }

nlohmann::json answer(std::string const& question, Uvh5Check& check)
{
    if (question == probe_walk) return json_of_probe(check.walk());
    auto const file = check.look(question.substr(probe_look.size()));
    auto document = json_of_probe(file.probe);
    if (file.probe.result != ProbeResult::good) return document;
    document["summary"] = to_json(summary_of(*file.header));
    document["walk_bytes"] = file.walk_bytes;
    return document;
}

}  // namespace

int serve_probes()
{
    auto parent = ParentLink::begin();
    Uvh5Check check;
    while (auto const message = parent.receive()) {
        auto const text = answer(message->text, check).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
        if (!parent.send(text)) break;
    }
    return 0;
}

}  // namespace nocturne
