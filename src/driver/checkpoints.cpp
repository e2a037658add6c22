#include "driver/checkpoints.hpp"

#include "driver/attempt.hpp"
#include "driver/calibration.hpp"
#include "driver/products.hpp"
#include "driver/record_keeper.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <spdlog/spdlog.h>

namespace nocturne {
namespace {

/// The kind of product that a task keeps; "" where it makes none.
std::string product_of(Task const& task)
{
    return task.stage->name == "export" && !task.stage->make(task.params).empty() ? measurement_set_product : "";
}

/// Files that nobody has read yet are told by their places, sizes and times.
std::string inputs_text(std::vector<db::InputFile> const& inputs)
{
    auto const unknown = [](db::InputFile const& file) { return file.xxh128.empty(); };
    if (std::none_of(inputs.begin(), inputs.end(), unknown)) return db::input_key(inputs);
    std::string text;
    for (auto const& file : inputs)
        text += file.path + " " + std::to_string(file.bytes) + " " +
                std::to_string(std::llround(1e3 * file.modified_s)) + "\n";
    return text;
}

}  // namespace

std::string text_of(db::ResultKey const& key)
{
    return db::hash_text(inputs_text(key.inputs) + " " + key.config_hash + " " + key.code_version);
}

std::vector<db::Checkpoint> checkpoints_of(Job const& job, GroupWork const& work, std::string const& backend)
{
    std::vector<db::Checkpoint> all;
    auto so_far = job;
    so_far.tasks.clear();
    for (auto const& task : job.tasks) {
        so_far.tasks.push_back(task);
        auto content = work;
        if (!solution_wish(so_far)) content.solutions.reset();
        all.push_back({task.id, task.stage->name, text_of(key_of(so_far, content, backend)), product_of(task), ""});
        if (task.stage->name == "export") so_far.tasks.pop_back();
    }
    return all;
}

std::optional<KeptSet> find_kept_set(GroupWork const& work, TeamContext const& context, db::Session& session)
{
    for (auto const& stage : checkpoints_of(context.request.job, work, backend_of(context.device))) {
        if (stage.product != measurement_set_product) continue;
        for (auto const& [run_id, product] : db::kept_products(session, work.group_id, stage))
            if (stands_as_set(product, context.request, work)) return KeptSet{product.path, run_id};
    }
    return std::nullopt;
}

std::optional<KeptSet> agree_on_kept_set(GroupWork const& work, TeamContext const& context)
{
    nlohmann::json found;
    context.team.agree(attempt([&] {
        if (!context.team.leader()) return;
        std::optional<KeptSet> kept;
        context.keeper->ask_now([&](db::Session& session) { kept = find_kept_set(work, context, session); });
        if (!kept) return;
        found = {kept->path, kept->run_id};
        spdlog::info("{}: the Measurement Set of run {} serves again", work.group_id, kept->run_id);
    }));
    found = nlohmann::json::parse(context.team.broadcast(found.dump()));
    if (found.is_null()) return std::nullopt;
    return KeptSet{found[0], found[1]};
}

}  // namespace nocturne
