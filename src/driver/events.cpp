#include "driver/events.hpp"

#include "db/address.hpp"
#include "db/hash.hpp"
#include "driver/dead_runs.hpp"
#include "driver/home.hpp"
#include "nocturne/error.hpp"
#include "nocturne/utc_text.hpp"
#include "nocturne/version.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <regex>

#include <unistd.h>
#include <nlohmann/json.hpp>

namespace nocturne {
namespace {

using OrderedJson = nlohmann::ordered_json;

std::string environment(char const* name)
{
    char const* value = std::getenv(name);
    return value ? value : "";
}

/// Where the run takes place, as those who gather events of several clusters tell them apart.
std::string site()
{
    for (char const* name : {"NOCTURNE_SITE_ID", "SLURM_CLUSTER_NAME"})
        if (auto const text = environment(name); !text.empty()) return text;
    std::array<char, 256> host{};
    gethostname(host.data(), host.size() - 1);
    return host.data();
}

/// Events leave the cluster: no password, and nobody's home directory.
std::string fit_for_others(std::string text)
{
    static std::regex const others("/home/[^/\"\\s]+");
    return db::without_password(std::regex_replace(without_home(std::move(text)), others, "~"));
}

OrderedJson fit_for_others(OrderedJson const& document)
{
    if (document.is_string()) return fit_for_others(document.get<std::string>());
    if (!document.is_structured()) return document;
    auto fit = document;
    for (auto& part : fit) part = fit_for_others(part);
    return fit;
}

/// RFC 3339 with milliseconds.
std::string time_text(double at_s)
{
    auto const whole = utc_text(at_s);
    char fraction[16];
    auto const ms = static_cast<int>(std::llround(at_s * 1e3) % 1000);
    std::snprintf(fraction, sizeof fraction, ".%03dZ", ms);
    return whole.substr(0, whole.size() - 1) + fraction;
}

double time_of(std::string const& text)
{
    std::tm parts{};
    double fraction = 0;
    char const* rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    if (!rest) throw Error(Code::bad_input, "an event without a time", text, "see the spool it came from");
    if (*rest == '.') fraction = std::strtod(rest, nullptr);
    return static_cast<double>(timegm(&parts)) + fraction;
}

std::string status_after(std::string const& kind)
{
    if (kind == "finished") return "completed";
    if (kind == "error") return "failed";
    return kind == "canceled" ? "canceled" : "running";
}

OrderedJson text_or_null(std::string const& text) { return text.empty() ? OrderedJson(nullptr) : OrderedJson(text); }

std::string text_of(OrderedJson const& value) { return value.is_null() ? "" : value.get<std::string>(); }

}  // namespace

std::string uuid_of(std::string const& text)
{
    auto digits = db::hash_text(text);
    digits[12] = '8';
    digits[16] = "89ab"[std::strtol(digits.substr(16, 1).c_str(), nullptr, 16) % 4];
    for (std::size_t at : {8, 13, 18, 23}) digits.insert(at, "-");
    return digits;
}

EventMaker::EventMaker(std::string run_id) : run_id_(std::move(run_id)), site_id_(site()) {}

db::EventRow EventMaker::make(EventSubject const& subject, std::string const& kind, EventMetrics const& metrics,
                              OrderedJson const& metadata)
{
    auto const name = run_id_ + "|" + subject.group_id + "|" + subject.stage;
    auto const about = name + "|" + std::to_string(subject.fence) + "|" + kind;
    db::EventRow event;
    event.idempotency_key = uuid_of("event|" + about + "|" + std::to_string(made_[about]++));
    event.site_id = site_id_;
    event.app_name = "nocturne";
    event.app_version = code_version();
    event.app_id = uuid_of("app|" + event.app_name + "|" + event.app_version);
    bool const whole = subject.group_id.empty();
    event.entity_type = whole ? "job" : "subjob";
    event.entity_id = uuid_of("entity|" + name);
    if (!whole) event.parent_id = uuid_of("entity|" + run_id_ + "||");
    event.business_key = run_id_;
    event.sub_key = subject.group_id + (subject.stage.empty() ? "" : "/" + subject.stage);
    event.kind = kind;
    event.status = status_after(kind);
    event.at_s = std::floor(db::now_unix_s() * 1e3) / 1e3;
    event.duration_s = metrics.duration_s;
    event.cpu_user_s = metrics.cpu_user_s;
    event.cpu_system_s = metrics.cpu_system_s;
    event.mem_max_mb = metrics.mem_max_mb;
    event.metadata_json = metadata.is_null()
                              ? "{}"
                              : fit_for_others(metadata).dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
    event.payload = to_json(event).dump();
    return event;
}

std::vector<db::EventRow> EventMaker::group_finished(EventSubject const& subject, Ledger const& ledger,
                                                     EventMetrics const& metrics, OrderedJson const& metadata)
{
    std::vector<db::EventRow> events;
    for (auto const& row : ledger.rows()) {
        EventMetrics of_stage;
        of_stage.duration_s = row.slowest_s;
        events.push_back(make({subject.group_id, row.name, subject.fence}, "finished", of_stage,
                              {{"bytes", row.bytes}, {"calls", row.calls}, {"ranks", row.ranks}}));
    }
    events.push_back(make(subject, "finished", metrics, metadata));
    return events;
}

OrderedJson to_json(db::EventRow const& event)
{
    OrderedJson metrics = OrderedJson::object();
    for (auto const& [name, value] :
         {std::pair{"duration_s", event.duration_s}, std::pair{"cpu_user_s", event.cpu_user_s},
          std::pair{"cpu_system_s", event.cpu_system_s}, std::pair{"mem_max_mb", event.mem_max_mb}})
        if (std::isfinite(value)) metrics[name] = value;
    return {
        {"idempotency_key", event.idempotency_key},
        {"site_id", event.site_id},
        {"app", {{"app_id", event.app_id}, {"name", event.app_name}, {"version", event.app_version}}},
        {"entity",
         {{"type", event.entity_type},
          {"id", event.entity_id},
          {"parent_id", text_or_null(event.parent_id)},
          {"business_key", event.business_key},
          {"sub_key", text_or_null(event.sub_key)}}},
        {"event",
         {{"kind", event.kind},
          {"at", time_text(event.at_s)},
          {"status", event.status},
          {"metrics", metrics},
          {"metadata", OrderedJson::parse(event.metadata_json)}}},
    };
}

db::EventRow event_from_json(OrderedJson const& document)
{
    try {
        auto const& app = document.at("app");
        auto const& entity = document.at("entity");
        auto const& what = document.at("event");
        auto const& metrics = what.at("metrics");
        db::EventRow event;
        event.idempotency_key = document.at("idempotency_key");
        event.site_id = document.at("site_id");
        event.app_id = app.at("app_id"), event.app_name = app.at("name"), event.app_version = app.at("version");
        event.entity_type = entity.at("type"), event.entity_id = entity.at("id");
        event.parent_id = text_of(entity.at("parent_id")), event.sub_key = text_of(entity.at("sub_key"));
        event.business_key = entity.at("business_key");
        event.kind = what.at("kind"), event.status = what.at("status");
        event.at_s = time_of(what.at("at"));
        event.duration_s = metrics.value("duration_s", NAN), event.mem_max_mb = metrics.value("mem_max_mb", NAN);
        event.cpu_user_s = metrics.value("cpu_user_s", NAN), event.cpu_system_s = metrics.value("cpu_system_s", NAN);
        event.metadata_json = what.at("metadata").dump();
        event.payload = document.dump();
        return event;
    } catch (OrderedJson::exception const& error) {
        throw Error(Code::bad_input, "not an event", error.what(), "see the spool it came from");
    }
}

OrderedJson to_cloudevent(OrderedJson const& event)
{
    auto const& entity = event.at("entity");
    auto const& what = event.at("event");
    auto subject = entity.at("business_key").get<std::string>();
    if (!entity.at("sub_key").is_null()) subject += "/" + entity.at("sub_key").get<std::string>();
    return {{"specversion", "1.0"},
            {"id", event.at("idempotency_key")},
            {"source", "/nocturne/" + event.at("site_id").get<std::string>()},
            {"type", "nocturne." + entity.at("type").get<std::string>() + "." + what.at("kind").get<std::string>()},
            {"subject", subject},
            {"time", what.at("at")},
            {"datacontenttype", "application/json"},
            {"data", event}};
}

db::EventRow refusal_of(db::EventRow finished, std::string const& why)
{
    finished.idempotency_key = uuid_of("refused|" + finished.idempotency_key);
    finished.kind = "error";
    finished.status = status_after(finished.kind);
    finished.metadata_json =
        fit_for_others(OrderedJson{{"refused", why}}).dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
    finished.payload = to_json(finished).dump();
    return finished;
}

db::EventRow end_of_the_dead(db::Claim const& of, std::string const& why)
{
    auto event = EventMaker(of.run_id).make(subject_of(of), of.group_id.empty() ? "error" : "canceled", {},
                                            {{"code", exit_code(Code::transient)}, {"message", why}});
    event.idempotency_key = uuid_of("found dead|" + event.idempotency_key);
    event.payload = to_json(event).dump();
    return event;
}

}  // namespace nocturne
