#include "driver/casa_tables.hpp"

#include "driver/child.hpp"
#include "driver/error_json.hpp"
#include "driver/parent_link.hpp"
#include "io/casa_export.hpp"
#include "io/product_directory.hpp"
#include "io/solutions.hpp"

#include <filesystem>

namespace nocturne {
namespace {

using Json = nlohmann::json;

constexpr double patience_s = 600;

Json answer(Json const& question)
{
    auto const tables = read_solutions(question.at("solutions"));
    write_casa_directory(question.at("path"), tables.at(question.at("index").get<std::size_t>()));
    return Json::object();
}

}  // namespace

std::string write_casa_table(std::string const& prefix, std::string const& solutions, std::size_t index, CalKind kind)
{
    std::string const path = prefix + "." + name(kind);
    ProductDirectory product(path, "table.dat");
    Child child({{"casa-table-child"}, "maker of CASA tables"});
    Json const question{{"solutions", std::filesystem::absolute(solutions).string()},
                        {"index", index},
                        {"path", std::filesystem::absolute(product.temporary_path()).string()}};
    auto const reply =
        Json::parse(child.ask(question.dump(-1, ' ', false, Json::error_handler_t::replace), patience_s));
    if (reply.contains("error")) throw error_from_json(reply["error"]).in("CASA table " + path);
    child.end();
    product.commit();
    return path;
}

int serve_casa_table_writer()
{
    auto parent = ParentLink::begin();
    while (auto message = parent.receive()) {
        Json reply;
        try {
            reply = answer(Json::parse(message->text));
        } catch (Error const& error) {
            reply = {{"error", to_json(error)}};
        } catch (std::exception const& error) {
            reply = {{"error", to_json(Error(Code::defect, "cannot make a CASA table", error.what(),
                                             "report this as a defect, with the command line"))}};
        }
        if (!parent.send(reply.dump(-1, ' ', false, Json::error_handler_t::replace))) break;
    }
    return 0;
}

}  // namespace nocturne
