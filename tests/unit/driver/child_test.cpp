#include "driver/child.hpp"

#include "driver/shared_memory.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace nocturne {
namespace {

using Kind = ChildError::Kind;

ChildOptions helper()
{
    ChildOptions options;
    options.purpose = "helper of a test";
    options.program = NOCTURNE_BINARY_DIR "/child_helper";
    return options;
}

/// How asking it for `what` ends.
ChildError error_of(Child& child, std::string const& what, double timeout_s = 10)
{
    try {
        child.ask(what, timeout_s);
    } catch (ChildError const& error) {
        return error;
    }
    ADD_FAILURE() << what << " was answered";
    return ChildError(Kind::not_started, "", "");
}

bool gone(pid_t pid) { return ::kill(pid, 0) != 0 && errno == ESRCH; }

TEST(Child, AnswersAndEnds)
{
    Child child(helper());
    EXPECT_EQ(child.ask("hello", 10), "hello");
    EXPECT_EQ(child.ask("", 10), "");
    std::string const long_one(5'000'000, 'x');
    EXPECT_EQ(child.ask(long_one, 10), long_one);
    auto const pid = child.pid();
    EXPECT_TRUE(child.end());
    EXPECT_TRUE(gone(pid));
}

TEST(Child, ManyMessagesPassBothWaysAtOnce)
{
    Child child(helper());
    for (int i = 0; i < 200; ++i) child.send(std::string(20'000, 'a'), 10);
    for (int i = 0; i < 200; ++i) EXPECT_EQ(child.receive(10)->size(), 20'000u);
    child.send("many", 10);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(child.receive(10)->size(), 10'000u);
    EXPECT_EQ(child.receive(10), "many");
    EXPECT_EQ(child.receive(0.02), std::nullopt);
    EXPECT_EQ(child.ask("still here", 10), "still here");
}

TEST(Child, DeathsAreNamed)
{
    struct Case {
        char const* what;
        Kind kind;
        char const* word;
    };
    for (auto const& c :
         {Case{"crash", Kind::died, "SIGSEGV"}, Case{"abort", Kind::died, "SIGABRT"},
          Case{"leave", Kind::died, "exit code 7"}, Case{"complain", Kind::died, "something is wrong"},
          Case{"nonsense", Kind::broken_message, "broken message"}, Case{"half", Kind::died, "exit code 0"}}) {
        SCOPED_TRACE(c.what);
        Child child(helper());
        auto const error = error_of(child, c.what);
        EXPECT_EQ(error.kind(), c.kind);
        EXPECT_NE(std::string(error.what()).find(c.word), std::string::npos) << error.what();
        EXPECT_NE(std::string(error.what()).find("helper of a test"), std::string::npos);
        EXPECT_TRUE(gone(child.pid()));
        EXPECT_THROW(child.ask("again", 1), ChildError);
    }
}

TEST(Child, HangsAreEndedInTime)
{
    for (char const* what : {"hang", "spin"}) {
        Child child(helper());
        auto const start = std::chrono::steady_clock::now();
        EXPECT_EQ(error_of(child, what, 0.2).kind(), Kind::timed_out);
        EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
        EXPECT_TRUE(gone(child.pid()));
    }
}

/// Time counts while it works; one that waits for a disk or for its turn is given more, but not for ever.
TEST(Child, WhoIsStarvedIsGivenMoreTime)
{
    auto const seconds_of = [](char const* what) {
        Child child(helper());
        auto const start = std::chrono::steady_clock::now();
        EXPECT_THROW(child.ask(what, 0.2, 6), ChildError);
        EXPECT_TRUE(gone(child.pid()));
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
    EXPECT_GE(seconds_of("hang"), 1.2);
    EXPECT_LT(seconds_of("spin"), 1.2) << "at work all the time";
}

TEST(Child, FloodOfWordsIsTakenAndItsEndKept)
{
    Child child(helper());
    EXPECT_EQ(child.ask("flood", 20), "flood");
    EXPECT_EQ(child.last_words().size(), 4096u);
    EXPECT_NE(child.last_words().find("line 99999 of the flood"), std::string::npos);
}

TEST(Child, HasLimits)
{
    auto options = helper();
    options.memory_bytes = 256 << 20;
    options.cpu_s = 1;
    Child child(options);
    EXPECT_EQ(child.ask("allocate 1000000", 10), "y");
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    EXPECT_EQ(child.ask("allocate 1000000000", 10), "refused");
#endif
    auto const error = error_of(child, "spin", 30);
    EXPECT_EQ(error.kind(), Kind::died);
    EXPECT_NE(std::string(error.what()).find("SIGXCPU"), std::string::npos) << error.what();
}

TEST(Child, InheritsNothingButItsChannel)
{
    int const own = open("/dev/null", O_RDONLY), high = fcntl(own, F_DUPFD, 200);
    Child child(helper());
    EXPECT_EQ(child.ask("descriptors", 10), "4");
    close(own);
    close(high);
}

TEST(Child, IgnoresSignalsOfTheStep)
{
    Child child(helper());
    for (int signal : {SIGUSR1, SIGUSR2, SIGINT, SIGTERM, SIGHUP}) ::kill(child.pid(), signal);
    EXPECT_EQ(child.ask("alive", 10), "alive");
    for (int signal : {SIGUSR1, SIGUSR2, SIGINT, SIGTERM, SIGHUP}) ::kill(child.pid(), signal);
    EXPECT_EQ(child.ask("alive", 10), "alive");
}

TEST(Child, DiesWithItsParent)
{
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    pid_t const parent = fork();
    if (parent == 0) {
        try {
            Child child(helper());
            child.send("spin", 10);
            auto const pid = child.pid();
            if (write(ends[1], &pid, sizeof pid) == sizeof pid) raise(SIGKILL);
        } catch (Error const&) {
        }
        _exit(1);
    }
    close(ends[1]);
    pid_t pid = 0;
    ASSERT_EQ(read(ends[0], &pid, sizeof pid), static_cast<ssize_t>(sizeof pid));
    waitpid(parent, nullptr, 0);
    for (int i = 0; i < 200 && !gone(pid); ++i) {
        waitpid(pid, nullptr, WNOHANG);
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        std::string const state = "/proc/" + std::to_string(pid) + "/stat";
        char text[256] = {};
        if (int const f = open(state.c_str(), O_RDONLY); f >= 0) {
            if (read(f, text, sizeof text - 1) < 0) text[0] = 0;
            close(f);
        }
        if (std::strstr(text, ") Z ")) return;  // dead; who adopted it has not asked yet
    }
    EXPECT_TRUE(gone(pid));
    close(ends[0]);
}

TEST(Child, StubbornChildIsKilledInTheEnd)
{
    pid_t pid = 0;
    {
        Child child(helper());
        child.send("hang", 10);
        pid = child.pid();
        EXPECT_FALSE(child.end(0.1));
    }
    EXPECT_TRUE(gone(pid));
}

TEST(Child, ProgramThatIsNotThereIsAnError)
{
    auto options = helper();
    options.program = "/nowhere/nocturne";
    try {
        Child const child(options);
        FAIL() << "it started";
    } catch (ChildError const& error) {
        EXPECT_EQ(error.kind(), Kind::not_started);
    }
}

TEST(SharedMemory, BothSeeTheSameBytes)
{
    auto const memory = SharedMemory::create("nocturne-test", 100'000);
    auto* bytes = static_cast<unsigned char*>(memory.data());
    bytes[5] = 10;
    Child child(helper());
    child.send("shared", 10, memory.descriptor());
    EXPECT_EQ(child.receive(10), "100000");
    EXPECT_EQ(bytes[5], 15);
    EXPECT_EQ(bytes[300], 300 % 256);
}

TEST(SharedMemory, CannotShrink)
{
    auto const memory = SharedMemory::create("nocturne-test", 4096);
    EXPECT_NE(ftruncate(memory.descriptor(), 0), 0);
    Descriptor plain(memfd_create("plain", MFD_CLOEXEC));
    EXPECT_THROW(SharedMemory::map(std::move(plain)), Error);
}

}  // namespace
}  // namespace nocturne
