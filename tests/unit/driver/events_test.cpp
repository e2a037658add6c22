// Events as JSON: the form that others read, ids that are the same when they are made again, nothing that is nobody's business.
#include "driver/events.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <regex>

namespace nocturne {
namespace {

using Json = nlohmann::ordered_json;

TEST(Events, have_the_form_of_the_contract)
{
    setenv("NOCTURNE_SITE_ID", "ovro", 1);
    EventMaker maker("run1");
    unsetenv("NOCTURNE_SITE_ID");
    auto const event = to_json(maker.make({"g1", "image.make", 3}, "finished", {1.5, 1, 0.25, NAN}, {{"bytes", 12}}));
    std::regex const uuid("[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    std::regex const time("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
    EXPECT_TRUE(std::regex_match(event["idempotency_key"].get<std::string>(), uuid));
    EXPECT_EQ(event["site_id"], "ovro");
    EXPECT_TRUE(std::regex_match(event["app"]["app_id"].get<std::string>(), uuid));
    EXPECT_EQ(event["app"]["name"], "nocturne");
    EXPECT_FALSE(event["app"]["version"].get<std::string>().empty());
    EXPECT_EQ(event["entity"]["type"], "subjob");
    EXPECT_TRUE(std::regex_match(event["entity"]["id"].get<std::string>(), uuid));
    EXPECT_EQ(event["entity"]["business_key"], "run1");
    EXPECT_EQ(event["entity"]["sub_key"], "g1/image.make");
    EXPECT_EQ(event["event"]["kind"], "finished");
    EXPECT_EQ(event["event"]["status"], "completed");
    EXPECT_TRUE(std::regex_match(event["event"]["at"].get<std::string>(), time));
    EXPECT_EQ(event["event"]["metrics"], (Json{{"duration_s", 1.5}, {"cpu_user_s", 1}, {"cpu_system_s", 0.25}}));
    EXPECT_EQ(event["event"]["metadata"], (Json{{"bytes", 12}}));
    auto const job = to_json(maker.make({}, "started", {}, {}));
    EXPECT_EQ(job["entity"]["type"], "job");
    EXPECT_EQ(job["entity"]["id"], event["entity"]["parent_id"]);
    EXPECT_TRUE(job["entity"]["parent_id"].is_null());
    EXPECT_EQ(job["event"]["status"], "running");
}

TEST(Events, made_again_are_the_same_and_different_ones_differ)
{
    EventMaker first("run1"), again("run1"), other("run2");
    EventSubject const group{"g1", "", 1};
    auto const key = [&](EventMaker& maker, EventSubject const& about, char const* kind) {
        return maker.make(about, kind, {}, {}).idempotency_key;
    };
    EXPECT_EQ(key(first, group, "started"), key(again, group, "started"));
    EXPECT_EQ(key(first, group, "progress"), key(again, group, "progress"));
    std::set<std::string> const different{key(first, group, "metric"),
                                          key(first, group, "metric"),
                                          key(first, group, "error"),
                                          key(other, group, "metric"),
                                          key(first, {"g1", "", 2}, "metric"),
                                          key(first, {"g2", "", 1}, "metric"),
                                          key(first, {"g1", "flag", 1}, "metric"),
                                          key(first, {}, "metric")};
    EXPECT_EQ(different.size(), 8u);
    auto const finished = first.make(group, "finished", {}, {});
    auto const refused = refusal_of(finished, "too late"), refused_again = refusal_of(finished, "too late");
    EXPECT_EQ(refused.idempotency_key, refused_again.idempotency_key);
    EXPECT_NE(refused.idempotency_key, finished.idempotency_key);
    EXPECT_EQ(refused.entity_id, finished.entity_id);
    EXPECT_EQ(refused.status, "failed");
}

TEST(Events, come_back_from_their_json)
{
    EventMaker maker("run1");
    auto const event = maker.make({"g1", "", 3}, "error", {1.5, NAN, NAN, 7}, {{"message", "a \"word\"\n"}});
    auto const back = event_from_json(to_json(event));
    EXPECT_EQ(to_json(back), to_json(event));
    EXPECT_NEAR(back.at_s, event.at_s, 1e-6);
    EXPECT_EQ(back.payload, event.payload);
    EXPECT_TRUE(std::isnan(back.cpu_user_s));
}

TEST(Events, tell_no_password_and_nobodys_home)
{
    EventMaker maker("run1");
    auto const someone = std::string("/ho") + "me/someone";
    Json const metadata{{"message", "cannot read " + someone + "/night/a.hdf5 (postgresql://me:secret@host/db)"},
                        {"nested", {{{"path", someone + "/b"}}}}};
    auto const text = maker.make({}, "error", {}, metadata).payload;
    EXPECT_EQ(text.find("someone"), std::string::npos) << text;
    EXPECT_EQ(text.find("secret"), std::string::npos) << text;
    EXPECT_NE(text.find("~/night/a.hdf5"), std::string::npos) << text;
    EXPECT_NE(text.find("~/b"), std::string::npos) << text;
}

TEST(Events, fit_into_the_envelope_of_cloudevents)
{
    EventMaker maker("run1");
    auto const event = to_json(maker.make({"g1", "flag", 1}, "finished", {}, {}));
    auto const cloud = to_cloudevent(event);
    EXPECT_EQ(cloud["specversion"], "1.0");
    EXPECT_EQ(cloud["id"], event["idempotency_key"]);
    EXPECT_EQ(cloud["type"], "nocturne.subjob.finished");
    EXPECT_EQ(cloud["subject"], "run1/g1/flag");
    EXPECT_EQ(cloud["time"], event["event"]["at"]);
    EXPECT_EQ(cloud["data"], event);
    EXPECT_EQ(cloud["source"].get<std::string>().rfind("/nocturne/", 0), 0u);
}

}  // namespace
}  // namespace nocturne
