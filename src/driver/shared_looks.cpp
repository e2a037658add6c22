#include "driver/shared_looks.hpp"

#include "driver/attempt.hpp"
#include "driver/probe_json.hpp"

#include <algorithm>

#include <spdlog/spdlog.h>

namespace nocturne {
namespace {

constexpr std::size_t paths_a_round = 20'000;  // some megabytes a message

using Looks = std::map<std::string, ProbedFile>;

/// This rank's share; what cannot be looked at here is left out, for the leader to try.
Looks look_at_share(std::vector<std::string> const& paths, Ranks const& ranks, Prober& prober)
{
    Looks found;
    auto const failure = attempt([&] {
        for (auto i = static_cast<std::size_t>(ranks.rank()); i < paths.size();
             i += static_cast<std::size_t>(ranks.size()))
            found[paths[i]] = prober.look(paths[i]);
    });
    if (failure) spdlog::warn("rank {} leaves files to the first rank: {}", ranks.rank(), failure->what());
    return found;
}

/// One round, on every rank; all that was found, on the leader.
Looks look_together(std::vector<std::string> const& paths, Ranks const& ranks, Prober& prober)
{
    auto mine = look_at_share(paths, ranks, prober);
    auto document = nlohmann::json::object();
    if (!ranks.leader())
        for (auto const& [path, file] : mine) document[path] = to_json(file);
    for (auto const& text : ranks.gather(document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))) {
        auto const theirs = nlohmann::json::parse(text);
        for (auto const& [path, file] : theirs.items()) mine[path] = probed_file_from(file);
    }
    return mine;
}

Looks share_out_files(std::vector<std::string> const& paths, Ranks const& ranks)
{
    Looks all;
    auto& prober = prober_of_thread();
    for (std::size_t done = 0; done < paths.size(); done += paths_a_round) {
        auto const first = paths.begin() + static_cast<std::ptrdiff_t>(done);
        std::vector<std::string> const round(
            first, first + static_cast<std::ptrdiff_t>(std::min(paths_a_round, paths.size() - done)));
        ranks.broadcast(nlohmann::json(round).dump());
        all.merge(look_together(round, ranks, prober));
    }
    return all;
}

/// Until the leader says nothing.
void help_the_leader(Ranks const& ranks)
{
    auto& prober = prober_of_thread();
    for (auto text = ranks.broadcast(""); !text.empty(); text = ranks.broadcast(""))
        look_together(nlohmann::json::parse(text), ranks, prober);
}

}  // namespace

void on_leader_with_helpers(Ranks const& ranks, std::function<void(LookAtMany const&)> const& work)
{
    ranks.agree(attempt([&] {
        if (!ranks.leader()) return help_the_leader(ranks);
        auto const failure = attempt(
            [&] { work([&](std::vector<std::string> const& paths) { return share_out_files(paths, ranks); }); });
        ranks.broadcast("");
        if (failure) throw *failure;
    }));
}

}  // namespace nocturne
