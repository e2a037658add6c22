#include "driver/probe_json.hpp"

namespace nocturne {

nlohmann::json to_json(FileSummary const& summary)
{
    nlohmann::json document{
        {"telescope_name", summary.telescope_name},
        {"n_integrations", summary.n_integrations},
        {"n_baselines", summary.n_baselines},
        {"n_channels", summary.n_channels},
        {"n_correlations", summary.n_correlations},
        {"freq_first_hz", summary.freq_first_hz},
        {"freq_last_hz", summary.freq_last_hz},
        {"start_mjd", summary.start_mjd},
        {"end_mjd", summary.end_mjd},
    };
    if (summary.dec_deg) document["dec_deg"] = *summary.dec_deg;
    return document;
}

FileSummary file_summary_from(nlohmann::json const& document)
{
    FileSummary summary;
    summary.telescope_name = document.at("telescope_name");
    summary.n_integrations = document.at("n_integrations");
    summary.n_baselines = document.at("n_baselines");
    summary.n_channels = document.at("n_channels");
    summary.n_correlations = document.at("n_correlations");
    summary.freq_first_hz = document.at("freq_first_hz");
    summary.freq_last_hz = document.at("freq_last_hz");
    summary.start_mjd = document.at("start_mjd");
    summary.end_mjd = document.at("end_mjd");
    if (document.contains("dec_deg")) summary.dec_deg = document.at("dec_deg").get<double>();
    return summary;
}

nlohmann::json to_json(ProbedFile const& file)
{
    nlohmann::json document{{"result", name(file.probe.result)},
                            {"reason", file.probe.reason},
                            {"bytes", file.probe.bytes},
                            {"modified_s", file.probe.modified_s}};
    if (file.summary) document["summary"] = to_json(*file.summary);
    return document;
}

ProbedFile probed_file_from(nlohmann::json const& document)
{
    ProbedFile file;
    file.probe = {probe_result(document.at("result")), document.at("reason"), document.at("bytes"),
                  document.at("modified_s")};
    if (document.contains("summary")) file.summary = file_summary_from(document.at("summary"));
    return file;
}

}  // namespace nocturne
