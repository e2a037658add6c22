// Enters: files and their recorded hashes. Leaves: hashes; or an error where a bit is another one.
#include "driver/verify.hpp"

#include "driver/attempt.hpp"
#include "io/ms_reader.hpp"

#include <nlohmann/json.hpp>

namespace nocturne {

void verify_file(db::InputFile& file)
{
    auto const hash = content_hash(file.path);
    if (file.xxh128.empty()) file.xxh128 = hash;
    if (hash == file.xxh128) return;
    throw Error(Code::bad_input, "a file is not what was indexed",
                "its content hash differs from the recorded " + file.xxh128,
                "restore it; if the change was meant, index it again with nocturne index scan --rehash")
        .in("file " + file.path);
}

void verify_files(std::vector<db::InputFile>& files, Ranks const& team, Ledger& ledger)
{
    auto known = nlohmann::json::array(), mine = nlohmann::json::array();
    for (auto const& file : files) known.push_back(file.xxh128);
    known = nlohmann::json::parse(team.broadcast(known.dump()));
    for (std::size_t i = 0; i < files.size(); ++i) files[i].xxh128 = known[i].get<std::string>();
    team.agree(attempt([&] {
        LedgerScope hashing(ledger, "verify");
        for (std::size_t i = static_cast<std::size_t>(team.rank()); i < files.size();
             i += static_cast<std::size_t>(team.size())) {
            within("stage verify", [&] { verify_file(files[i]); });
            hashing.add_bytes(content_bytes(files[i].path));
            mine.push_back({i, files[i].xxh128});
        }
    }));
    auto all = nlohmann::json::array();
    for (auto const& part : team.gather(mine.dump())) all.push_back(nlohmann::json::parse(part));
    for (auto const& part : nlohmann::json::parse(team.broadcast(all.dump())))
        for (auto const& entry : part) files[entry[0].get<std::size_t>()].xxh128 = entry[1].get<std::string>();
}

}  // namespace nocturne
