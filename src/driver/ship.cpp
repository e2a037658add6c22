#include "driver/ship.hpp"

#include "driver/attempt.hpp"
#include "driver/events.hpp"
#include "driver/register_again.hpp"
#include "io/product.hpp"
#include "io/spool.hpp"

#include <filesystem>

#include <spdlog/spdlog.h>

namespace nocturne {
namespace {

/// "" where every file is there as it was written; a Measurement Set is its users' to change.
std::string missing_of(db::GroupResult const& result)
{
    namespace fs = std::filesystem;
    for (auto const& product : result.products) {
        std::error_code odd;
        if (fs::is_directory(product.path, odd)) continue;
        auto const bytes = fs::file_size(product.path, odd);
        if (odd || bytes != static_cast<std::uintmax_t>(product.bytes)) return product.path;
    }
    return "";
}

class Shipping {
public:
    Shipping(db::Session& session, Shipped& shipped, std::function<void()> const& before)
        : session_(session), shipped_(shipped), before_(before)
    {}

    void run(std::vector<std::string> const& lines)
    {
        for (auto const& line : lines) {
            auto entry = entry_of_line(line);
            if (auto* event = std::get_if<db::EventRow>(&entry)) {
                events_.push_back(std::move(*event));
                continue;
            }
            send_events();
            begin();
            std::visit([&](auto const& one) { send(one); }, entry);
        }
        send_events();
    }

private:
    void begin() const
    {
        if (before_) before_();
    }
    void send_events(std::vector<db::EventRow> const& events)
    {
        if (events.empty()) return;
        begin();
        shipped_.events += db::store_events(session_, events);
    }
    void send_events()
    {
        send_events(events_);
        events_.clear();
    }
    void refuse(db::GroupResult const& result, std::string const& why)
    {
        ++shipped_.refused;
        shipped_.remarks.push_back("late result of group " + result.claim.group_id + " by run " + result.claim.run_id +
                                   " was not recorded: " + why);
        if (!result.events.empty()) send_events({refusal_of(result.events.back(), why)});
    }

    void send(db::EventRow const&) {}
    void send(db::GroupResult const& result)
    {
        if (auto const gone = missing_of(result); !gone.empty()) {
            db::release_claim(session_, result.claim, "its products are gone");
            return refuse(result, gone + " is not as it was written");
        }
        try {
            tell_replaced(db::record_late_result(session_, result));
            ++shipped_.moves;
        } catch (db::ClaimGone const& refused) {
            refuse(result, refused.reason());
        }
    }
    void send(FailedGroup const& failed)
    {
        shipped_.moves += db::fail_group(session_, failed.claim, failed.failure);
        send_events(failed.events);
    }
    void send(ReleasedGroup const& released)
    {
        shipped_.moves += db::release_claim(session_, released.claim, released.why);
        send_events(released.events);
    }
    void send(EndedRun const& ended)
    {
        db::finish_run(session_, ended.run_id, ended.end);
        ++shipped_.moves;
    }

    db::Session& session_;
    Shipped& shipped_;
    std::function<void()> const& before_;
    std::vector<db::EventRow> events_;
};

/// The run of a spool whose moves this database cannot take, because it has never heard of it; "" where all is well.
std::string foreign_run(db::Session& session, std::vector<std::string> const& lines)
{
    for (auto const& line : lines) {
        auto const entry = entry_of_line(line);
        if (std::holds_alternative<db::EventRow>(entry)) continue;
        auto const run = run_of(entry);
        return db::knows_run(session, run) ? "" : run;
    }
    return "";
}

void drain_one(db::Session& session, std::string const& path, std::function<void()> const& before, Drained& drained)
{
    auto spool = Spool::adopt(path);
    if (!spool) {
        drained.busy += std::filesystem::exists(path);
        return;
    }
    auto const content = spool->read();
    if (auto const run = foreign_run(session, content.lines); !run.empty()) {
        ++drained.kept;
        drained.remarks.push_back("spool " + path + " is left: run " + run + " is not in database " + session.path() +
                                  ": name the database of that run with --db");
        return;
    }
    ship(session, content.lines, drained, before);
    if (content.damaged > 0) {
        ++drained.kept;
        drained.remarks.push_back("spool " + path + " has " + std::to_string(content.damaged) +
                                  " damaged lines; the others were shipped: see its disk, then remove it");
        return;
    }
    spool->remove();
    ++drained.spools;
}

}  // namespace

void ship(db::Session& session, std::vector<std::string> const& lines, Shipped& shipped,
          std::function<void()> const& before)
{
    Shipping(session, shipped, before).run(lines);
}

Drained drain_spools(db::Session& session, std::string const& directory, std::function<void()> const& before)
{
    Drained drained;
    remove_stray_temporaries(directory);  // of spools whose owner died before they had their name
    for (auto const& path : spools_in(directory)) {
        try {
            within("spool " + path, [&] { drain_one(session, path, before, drained); });
        } catch (db::DatabaseAway const&) {
            throw;
        } catch (Error const& error) {
            ++drained.kept;
            drained.remarks.push_back(error.what());
        }
    }
    remove_spool_directory(directory);  // of one who died when its last spool was gone
    return drained;
}

void tell(Drained const& drained, std::string const& directory)
{
    for (auto const& remark : drained.remarks) spdlog::warn("{}", remark);
    if (drained.spools > 0 && drained.moves + drained.refused > 0)
        spdlog::info("of spools in {}: {} records and {} events that were still to be told to the database", directory,
                     drained.moves, drained.events);
}

}  // namespace nocturne
