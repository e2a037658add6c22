// A directory of one test, removed with it.
#pragma once

#include <filesystem>
#include <string>

#include <stdlib.h>

namespace nocturne::test {

class Scratch {
public:
    Scratch()
    {
        auto name = (std::filesystem::temp_directory_path() / "nocturne-test-XXXXXX").string();
        path_ = mkdtemp(name.data());
    }
    ~Scratch()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Scratch(Scratch const&) = delete;
    Scratch& operator=(Scratch const&) = delete;

    std::string const& path() const { return path_; }
    std::string operator/(std::string const& name) const { return path_ + "/" + name; }
    long n_entries() const
    {
        return std::distance(std::filesystem::directory_iterator(path_), std::filesystem::directory_iterator());
    }

private:
    std::string path_;
};

}  // namespace nocturne::test
