#include "driver/register_again.hpp"

#include "driver/products.hpp"
#include "driver/travel.hpp"
#include "driver/worklist.hpp"
#include "nocturne/version.hpp"

#include <algorithm>

#include <spdlog/spdlog.h>

namespace nocturne {
namespace {

void register_one(RunRequest const& request, db::Session& session, LostSet const& lost)
{
    auto const made = load_solutions(lost.solutions.path);
    if (made.file.xxh128 != lost.solutions.xxh128)
        throw Error(Code::transient, "solutions " + lost.solutions.path + " are being made anew",
                    "they are no longer those of the result", "run the same command again");
    auto const registered = register_solutions(session, registration_of(made, request));
    tell_replaced(registered.gone);
    spdlog::warn("set {} is registered again, from {}", registered.set_name, lost.solutions.path);
}

/// Products have the name as it was given; rows of old, too.
bool is_lost(db::Session& session, db::ProductRow const& product)
{
    return db::lacks_solutions(session, solution_path(product.path), product.xxh128) &&
           db::lacks_solutions(session, product.path, product.xxh128);
}

}  // namespace

std::optional<db::ProductRow> lost_solutions(RunRequest const& request, db::Session& session,
                                             std::vector<db::ProductRow> const& products)
{
    if (!registration_wish(request.job)) return std::nullopt;
    for (auto const& product : products)
        if (product.product == solutions_product && is_lost(session, product)) return product;
    return std::nullopt;
}

RegisterRequest registration_of(LoadedSolutions const& made, RunRequest const& request)
{
    auto const holds = default_validity(made);
    double const more = registration_wish(request.job).value().valid_hours / 24 - validity_days;
    RegisterRequest wish;
    wish.paths = {made.file.path};
    wish.valid_start_mjd = holds.start_mjd - more;
    wish.valid_end_mjd = holds.end_mjd + more;
    wish.command_line = request.command_line;
    wish.code_version = code_version();
    wish.existing = db::Existing::replace;
    return wish;
}

void register_again(RunRequest const& request, db::Session& session, Worklist& list)
{
    for (auto const& lost : list.lost) {
        try {
            register_one(request, session, lost);
        } catch (db::DatabaseAway const&) {
            throw;
        } catch (Error const& error) {
            list.unfit.push_back({lost.group_id, "register", error.what(), exit_code(error.code())});
            --list.skipped;
        }
    }
}

void tell_replaced(std::vector<db::GaveWay> const& gone)
{
    for (auto const& one : gone) {
        if (one.file_path == one.for_file)
            spdlog::warn("set {} is no more: its file {} is now that of set {}", one.set_name, one.file_path,
                         one.for_set);
        else
            spdlog::warn("set {}: {} takes the place of {}, which is retired", one.for_set, one.for_file,
                         one.file_path);
    }
}

}  // namespace nocturne
