// A child that does what it is told: tests/unit/driver/child_test.cpp starts it. Enters: messages. Leaves: answers, or a death.
#include "driver/parent_link.hpp"
#include "driver/shared_memory.hpp"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>

namespace {

using nocturne::Message;
using nocturne::ParentLink;

std::string open_descriptors()
{
    std::vector<int> found;
    for (auto const& entry : std::filesystem::directory_iterator("/proc/self/fd"))
        found.push_back(std::atoi(entry.path().filename().c_str()));
    return std::to_string(found.size() - 1);  // without the directory's own
}

std::string allocated(std::size_t bytes)
{
    void* const memory = std::malloc(bytes);
    if (!memory) return "refused";
    std::memset(memory, 1, bytes);
    std::string const answer(1, static_cast<char*>(memory)[bytes - 1] == 1 ? 'y' : 'n');
    std::free(memory);
    return answer;
}

void flood_words()
{
    for (int i = 0; i < 100'000; ++i) std::cerr << "line " << i << " of the flood\n";
}

void raise_default(int signal)
{
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

std::string obey(ParentLink& parent, Message& message)
{
    auto const& text = message.text;
    if (text == "crash") raise_default(SIGSEGV);
    if (text == "abort") std::abort();
    if (text == "hang") pause();
    if (text == "spin")
        for (;;) std::atomic_signal_fence(std::memory_order_seq_cst);
    if (text == "leave") _exit(7);
    if (text == "complain") std::cerr << "something is wrong here\n", _exit(1);
    if (text == "flood") flood_words();
    if (text == "many")
        for (int i = 0; i < 1000; ++i) parent.send(std::string(10'000, 'm'));
    if (text == "nonsense") send(3, "\377\377\377\377\377\377\377\377", 8, 0), pause();
    if (text == "half") send(3, "\100\0\0\0\0\0\0\0abc", 11, 0), _exit(0);
    if (text == "parent") return std::to_string(getppid());
    if (text == "descriptors") return open_descriptors();
    if (text.rfind("allocate ", 0) == 0) return allocated(std::stoull(text.substr(9)));
    if (text == "shared") {
        auto const memory = nocturne::SharedMemory::map(std::move(message.descriptor));
        auto* bytes = static_cast<unsigned char*>(memory.data());
        for (std::size_t i = 0; i < memory.size(); ++i) bytes[i] = static_cast<unsigned char>(bytes[i] + i);
        return std::to_string(memory.size());
    }
    return text;
}

}  // namespace

int main()
{
    auto parent = ParentLink::begin();
    while (auto message = parent.receive())
        if (!parent.send(obey(parent, *message))) return 0;
    return 0;
}
