// A verb that was asked for JSON prints one document on stdout whatever happens, with the exit code of docs/errors.md.
#include "tests/support/program.hpp"

#include <sstream>

namespace nocturne::test {
namespace {

class ErrorJson : public ProgramTest {
protected:
    /// The one document, which names the exit code and says the three things.
    void expect_error(Outcome const& outcome, int code, std::string const& name) const
    {
        EXPECT_EQ(outcome.code, code) << outcome.err;
        auto const document = nlohmann::json::parse(outcome.out, nullptr, false);
        ASSERT_TRUE(document.is_object()) << outcome.out;
        auto const& error = document.at("error");
        EXPECT_EQ(error.at("code"), code);
        EXPECT_EQ(error.at("name"), name);
        for (auto const* part : {"problem", "reason", "what_to_do"}) {
            EXPECT_FALSE(error.at(part).get<std::string>().empty()) << part << ": " << outcome.out;
            EXPECT_NE(outcome.err.find("nocturne: "), std::string::npos) << outcome.err;
        }
    }

    /// The words of the verbs below `verb` as its help lists them, hidden ones left out.
    std::vector<std::string> verbs(std::string const& below = "") const
    {
        std::istringstream help(nocturne(below + " --help").out);
        std::vector<std::string> found;
        bool inside = false;
        for (std::string line; std::getline(help, line);) {
            if (inside && line.compare(0, 2, "  ") == 0 && line[2] != ' ')
                found.push_back(below + (below.empty() ? "" : " ") + line.substr(2, line.find(' ', 2) - 2));
            inside = inside || line == "Subcommands:";
        }
        return found;
    }
};

TEST_F(ErrorJson, EveryVerbSaysWhatItDoesNotUnderstand)
{
    std::vector<std::string> all;
    for (auto const& verb : verbs()) {
        auto const below = verbs(verb);
        if (below.empty()) all.push_back(verb);
        all.insert(all.end(), below.begin(), below.end());
    }
    ASSERT_GT(all.size(), 20U);
    for (auto const& verb : all) {
        SCOPED_TRACE(verb);
        expect_error(nocturne(verb + " --json --no-such-option"), 64, "usage");
    }
    expect_error(nocturne("registry --json"), 64, "usage");
}

TEST_F(ErrorJson, OneDocumentForWhatCannotBeDone)
{
    expect_error(nocturne("image nowhere --out x --json"), 66, "input_missing");
    expect_error(nocturne("prov x.fits --json --db none.sqlite"), 69, "unavailable");
    expect_error(nocturne("fit none.fits --at 1,2 --json"), 66, "input_missing");
    expect_error(nocturne("ms check none.ms --json"), 66, "input_missing");
    std::ofstream(scratch_ / "a.yaml") << "stages: [read, nonsense]\n";
    expect_error(nocturne("run a.yaml --json"), 78, "bad_config");
    expect_error(nocturne("convert nowhere --json"), 64, "usage");
    expect_error(mpi(2, "image nowhere --out x --json"), 66, "input_missing");
    expect_error(mpi(2, "image --json --no-such-option"), 64, "usage");
    EXPECT_EQ(nocturne("image nowhere --out x").out, "");
}

TEST_F(ErrorJson, WhatHasItsDocumentGetsNoSecond)
{
    simulate("in");
    std::filesystem::resize_file((*std::filesystem::directory_iterator(scratch_ / "in")).path(), 1000);
    auto const first = nocturne("run in --out out --json" + std::string(small_image));
    EXPECT_EQ(first.code, 65) << first.err;
    EXPECT_EQ(first.json().at("failures").size(), 1U);
    auto const full = shell(program() + " groups --json --db nocturne.sqlite > /dev/full");
    EXPECT_EQ(full.code, 74) << full.err;
}

}  // namespace
}  // namespace nocturne::test
