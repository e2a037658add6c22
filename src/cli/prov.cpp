// Verb `prov`: where a product comes from.
#include "cli/json_values.hpp"
#include "cli/table.hpp"
#include "cli/verb.hpp"
#include "db/images.hpp"
#include "io/hash.hpp"

#include <iostream>

namespace nocturne::cli {
namespace prov_verb {

using Json = nlohmann::ordered_json;

Json to_json(std::vector<db::Provenance::File> const& files)
{
    auto list = Json::array();
    for (auto const& file : files)
        list.push_back({{"path", file.path}, {"xxh128", file.xxh128}, {"bytes", file.bytes}});
    return list;
}

Json config_of(db::Provenance const& p)
{
    auto const config = Json::parse(p.config_json, nullptr, false);
    return config.is_discarded() ? Json(p.config_json) : config;
}

Json to_json(db::Provenance const& p)
{
    auto stages = Json::array();
    for (auto const& stage : p.stages)
        stages.push_back(
            {{"name", stage.name}, {"wall_s", stage.wall_s}, {"bytes", stage.bytes}, {"gb_per_s", stage.gb_per_s}});
    return {
        {"path", p.image},
        {"product", p.product},
        {"group_id", p.group_id},
        {"run_id", p.run_id},
        {"status", p.status},
        {"code_version", p.code_version},
        {"command_line", text_or_null(p.command_line)},
        {"config", config_of(p)},
        {"calibration", p.calibration_json.empty() ? Json(nullptr) : Json::parse(p.calibration_json, nullptr, false)},
        {"notes", p.notes_json.empty() ? Json::array() : Json::parse(p.notes_json, nullptr, false)},
        {"flag", p.flagging_json.empty() ? Json(nullptr) : Json::parse(p.flagging_json, nullptr, false)},
        {"inputs", to_json(p.inputs)},
        {"outputs", to_json(p.outputs)},
        {"host", text_or_null(p.host)},
        {"device", text_or_null(p.device)},
        {"device_uuid", text_or_null(p.device_uuid)},
        {"rank", p.rank},
        {"ranks", p.run_ranks},
        {"ranks_per_group", p.ranks},
        {"slurm_job_id", text_or_null(p.slurm_job_id)},
        {"restart_count", p.restart_count},
        {"started_unix_s", p.started_s},
        {"finished_unix_s", p.finished_s},
        {"stages", stages}};
}

void print_files(char const* title, std::vector<db::Provenance::File> const& files)
{
    std::cout << "\n" << title << "\n";
    std::vector<std::vector<std::string>> rows;
    for (auto const& file : files) rows.push_back({file.xxh128, std::to_string(file.bytes), file.path});
    print_table({"xxh3-128", "bytes", "path"}, rows);
}

void print_text(db::Provenance const& p)
{
    std::cout << p.image << "\n";
    std::vector<std::pair<char const*, std::string>> const lines{
        {"product", p.product},
        {"group", p.group_id},
        {"run", p.run_id + " (" + p.status + ")"},
        {"code", p.code_version},
        {"host", p.host},
        {"device", p.device + (p.device_uuid.empty() ? "" : " " + p.device_uuid)},
        {"ranks", std::to_string(p.run_ranks) + ", " + std::to_string(p.ranks) + " on this group"},
        {"Slurm job", p.slurm_job_id.empty() ? "none" : p.slurm_job_id},
        {"restarts", std::to_string(p.restart_count)},
        {"calibration", p.calibration_json.empty() ? "none" : p.calibration_json},
        {"flags", p.flagging_json.empty() ? "one strategy" : p.flagging_json},
        {"command", p.command_line}};
    for (auto const& [word, value] : lines) std::cout << "  " << word << ": " << value << "\n";
    if (!p.notes_json.empty())
        for (auto const& note : Json::parse(p.notes_json)) std::cout << "  note: " << note.get<std::string>() << "\n";
    print_files("inputs", p.inputs);
    print_files("outputs", p.outputs);
    std::cout << "\nstages\n";
    std::vector<std::vector<std::string>> rows;
    for (auto const& stage : p.stages)
        rows.push_back({stage.name, format_number(stage.wall_s, 4), format_number(stage.gb_per_s, 3)});
    print_table({"stage", "wall [s]", "GB/s"}, rows);
    std::cout << "\nconfiguration\n" << config_of(p).dump(2) << std::endl;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto image = std::make_shared<std::string>();
    app.add_option("image", *image, "Path of an image or of any other product, or of a copy")->required();
    app.footer(
        "A product of 'nocturne run'. What verbs make by hand is recorded in no database: its provenance stands in the "
        "headers of its FITS files and in STEM-report.html.");
    return [image, &globals] {
        auto session = db::Session::open(database_of(globals), db::OpenMode::existing);
        auto const provenance = db::provenance_of(session, *image, hash_file);
        if (globals.json)
            print_json(to_json(provenance));
        else
            print_text(provenance);
        return 0;
    };
}

VerbRegistrar const here{{"prov", "Show where a product comes from", &declare}};

}  // namespace prov_verb
}  // namespace nocturne::cli
