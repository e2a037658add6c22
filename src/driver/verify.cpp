// Enters: files and their recorded hashes. Leaves: an error where a bit is another one.
#include "driver/verify.hpp"

#include "io/ms_reader.hpp"

namespace nocturne {

void verify_file(db::InputFile const& file)
{
    if (file.xxh128.empty() || content_hash(file.path) == file.xxh128) return;
    throw Error(Code::bad_input, "a file is not what was indexed",
                "its content hash differs from the recorded " + file.xxh128,
                "restore it; if the change was meant, index it again with nocturne index scan --rehash")
        .in("file " + file.path);
}

std::uint64_t verify_files(std::vector<db::InputFile> const& files, Ranks const& team)
{
    std::uint64_t bytes = 0;
    for (std::size_t i = static_cast<std::size_t>(team.rank()); i < files.size();
         i += static_cast<std::size_t>(team.size())) {
        verify_file(files[i]);
        bytes += static_cast<std::uint64_t>(files[i].bytes);
    }
    return bytes;
}

}  // namespace nocturne
