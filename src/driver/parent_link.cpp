// Enters: descriptor 3. Leaves: a process that lives no longer than its parent wants.
#include "driver/parent_link.hpp"

#include "driver/child.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nocturne {
namespace {

void close_above(int last_kept)
{
    std::vector<int> open;
    for (auto const& entry : std::filesystem::directory_iterator("/proc/self/fd"))
        if (int const number = std::atoi(entry.path().filename().c_str()); number > last_kept) open.push_back(number);
    for (int number : open) ::close(number);
}

bool parent_is_gone()
{
    pollfd watched{Child::channel_descriptor, 0, 0};
    return poll(&watched, 1, 0) > 0 && (watched.revents & POLLHUP) != 0;
}

void wait_for(int socket, short events)
{
    pollfd watched{socket, events, 0};
    poll(&watched, 1, -1);
}

}  // namespace

ParentLink ParentLink::begin()
{
    struct stat status {};
    if (fstat(Child::channel_descriptor, &status) != 0 || !S_ISSOCK(status.st_mode))
        throw Error(Code::usage, "this verb is not for people", "it is a part of other verbs, which start it",
                    "use nocturne --help");
    for (int signal : {SIGUSR1, SIGUSR2, SIGINT, SIGTERM, SIGHUP, SIGPIPE}) std::signal(signal, SIG_IGN);
    prctl(PR_SET_NAME, "nocturne-child");
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (parent_is_gone()) _exit(EXIT_FAILURE);  // it died before the line above
    close_above(Child::channel_descriptor);
    return ParentLink(Descriptor(Child::channel_descriptor));
}

std::optional<Message> ParentLink::receive()
{
    while (!channel_.has_message()) {
        wait_for(channel_.socket(), POLLIN);
        if (channel_.read_some() == Channel::Flow::closed && !channel_.has_message()) return std::nullopt;
    }
    return channel_.take();
}

bool ParentLink::send(std::string const& text, int attached)
{
    channel_.put(text, attached);
    while (channel_.has_unsent()) {
        if (channel_.write_some() == Channel::Flow::closed) return false;
        if (channel_.has_unsent()) wait_for(channel_.socket(), POLLOUT);
    }
    return true;
}

}  // namespace nocturne
