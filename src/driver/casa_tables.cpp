#include "driver/casa_tables.hpp"

#include "driver/cal_table_json.hpp"
#include "driver/child.hpp"
#include "driver/error_json.hpp"
#include "driver/maker_child.hpp"
#include "driver/parent_link.hpp"
#include "io/casa_export.hpp"
#include "io/casa_import.hpp"
#include "io/product_directory.hpp"
#include "io/solutions.hpp"

#include <spdlog/spdlog.h>

#include <filesystem>

namespace nocturne {
namespace {

using Json = nlohmann::json;

constexpr double table_patience_s = 600;

/// As CBOR: numbers of a table as they are.
std::string read_tables(std::string const& path)
{
    Json reply{{"of_casa", false}, {"names_hands", true}, {"tables", Json::array()}};
    std::vector<CalTable> tables;
    if (std::filesystem::is_directory(path)) {
        auto read = read_casa_directory(path);
        reply["of_casa"] = true;
        reply["names_hands"] = read.names_hands;
        tables = std::move(read.tables);
    } else {
        tables = read_solutions(path);
    }
    for (auto const& table : tables) reply["tables"].push_back(to_json(table));
    auto const bytes = Json::to_cbor(reply);
    return {bytes.begin(), bytes.end()};
}

std::string ask_child(Json const& question)
{
    if (question.contains("read")) return read_tables(question["read"]);
    auto const tables = read_solutions(question.at("solutions"));
    write_casa_directory(question.at("path"), tables.at(question.at("index").get<std::size_t>()));
    return "{}";
}

/// In the form that the question expects.
std::string failure(Json const& question, Error const& error)
{
    Json const reply{{"error", to_json(error)}};
    if (!question.contains("read")) return reply.dump(-1, ' ', false, Json::error_handler_t::replace);
    auto const bytes = Json::to_cbor(reply);
    return {bytes.begin(), bytes.end()};
}

}  // namespace

std::string write_casa_table(std::string const& prefix, std::string const& solutions, std::size_t index, CalKind kind)
{
    std::string const path = prefix + "." + name(kind);
    ProductDirectory product(path, "Calibration");
    MakerChild child("casa-table-child", "maker of CASA tables", path);
    within("CASA table " + path, [&] {
        child.ask({{"solutions", std::filesystem::absolute(solutions).string()},
                   {"index", index},
                   {"path", std::filesystem::absolute(product.temporary_path()).string()}});
    });
    child.end();
    product.commit();
    if (auto const trouble = product.discard_replaced(); !trouble.empty()) spdlog::warn("{}", trouble);
    return path;
}

int serve_casa_tables()
{
    auto parent = ParentLink::begin();
    while (auto message = parent.receive()) {
        auto const question = Json::parse(message->text, nullptr, false);
        std::string reply;
        try {
            reply = ask_child(question);
        } catch (Error const& error) {
            reply = failure(question, error);
        } catch (std::exception const& error) {
            reply = failure(question, Error(Code::defect, "cannot read or make a table of solutions", error.what(),
                                            "report this as a defect, with the command line"));
        }
        if (!parent.send(reply)) break;
    }
    return 0;
}

}  // namespace nocturne
