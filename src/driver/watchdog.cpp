// Enters: the ranks of a job. Leaves: nothing, or the end of the process.
#include "driver/watchdog.hpp"

#include "io/product_paths.hpp"
#include "nocturne/error.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <random>
#include <sstream>
#include <thread>

#include <netdb.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace nocturne {
namespace {

using Clock = std::chrono::steady_clock;
constexpr char alive = 'b', farewell = 'q';
constexpr std::chrono::milliseconds period{1000};
constexpr std::chrono::seconds own_gap{5};         ///< longer between two beats: this process was stopped itself
constexpr std::chrono::seconds launcher_grace{5};  ///< what mpirun and srun need to end a job whose rank died
constexpr std::size_t secret_length = 16;

double limit_s()
{
    char const* text = std::getenv("NOCTURNE_WATCHDOG_S");
    return text ? std::atof(text) : 20;
}

/// A descriptor that is closed.
class Socket {
public:
    explicit Socket(int descriptor = -1) : descriptor_(descriptor) {}
    Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Socket& operator=(Socket&& other) noexcept
    {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~Socket()
    {
        if (descriptor_ >= 0) close(descriptor_);
    }
    int get() const { return descriptor_; }
    explicit operator bool() const { return descriptor_ >= 0; }

private:
    int descriptor_;
};

/// Listens on a port that the system chooses; 0 where it cannot.
std::pair<Socket, int> listen_somewhere()
{
    Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    socklen_t length = sizeof address;
    auto* const plain = reinterpret_cast<sockaddr*>(&address);
    if (!socket || bind(socket.get(), plain, length) != 0 || listen(socket.get(), 8) != 0 ||
        getsockname(socket.get(), plain, &length) != 0)
        return {Socket(), 0};
    return {std::move(socket), ntohs(address.sin_port)};
}

Socket connect_to(std::string const& host, std::string const& port)
{
    addrinfo hints{}, *found = nullptr;
    hints.ai_family = AF_INET;
    hints.ai_socktype = SOCK_STREAM;
    auto const name = host == host_name() ? "127.0.0.1" : host;
    if (getaddrinfo(name.c_str(), port.c_str(), &hints, &found) != 0) return Socket();
    Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    timeval const patience{10, 0};
    bool connected = socket && setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0;
    connected = connected && connect(socket.get(), found->ai_addr, found->ai_addrlen) == 0;
    freeaddrinfo(found);
    return connected ? std::move(socket) : Socket();
}

std::string make_secret()
{
    std::random_device random;
    std::string secret;
    while (secret.size() < secret_length) secret += static_cast<char>('a' + random() % 26);
    return secret;
}

struct Neighbour {
    int rank = 0;
    std::string host, port;
};

/// Everybody's "host port" in the order of ranks.
std::vector<Neighbour> exchange_addresses(Ranks const& world, int port)
{
    std::string all;
    for (auto const& one : world.gather(host_name() + " " + std::to_string(port))) all += one + "\n";
    std::istringstream lines(world.broadcast(all));
    std::vector<Neighbour> neighbours;
    for (Neighbour one; lines >> one.host >> one.port; ++one.rank) neighbours.push_back(one);
    return neighbours;
}

[[noreturn]] void end_job(Neighbour const& lost, std::string const& how)
{
    spdlog::critical("rank {} on {} {}: the job ends with code 75; the same command goes on where it was", lost.rank,
                     lost.host, how);
    spdlog::default_logger()->flush();
    _exit(exit_code(Code::transient));
}

}  // namespace

/// The thread and its two connections.
class Watchdog::Beat {
public:
    Beat(Socket listening, Neighbour before, Neighbour after, std::string secret)
        : listening_(std::move(listening)),
          before_(std::move(before)),
          after_(std::move(after)),
          secret_(std::move(secret)),
          limit_(limit_s()),
          wake_(eventfd(0, EFD_CLOEXEC))
    {
        sigset_t all, previous;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &previous);  // signals are for the thread that works
        thread_ = std::thread([this] { run(); });
        pthread_sigmask(SIG_SETMASK, &previous, nullptr);
    }
    ~Beat()
    {
        eventfd_write(wake_.get(), 1);
        thread_.join();
    }

private:
    void run();
    void send_beat();
    void admit();
    void hear();
    void judge();

    Socket listening_;
    Neighbour before_, after_;
    std::string secret_;
    std::chrono::duration<double> limit_;
    Socket wake_, to_next_, candidate_, from_previous_;
    std::string heard_secret_;
    std::optional<Clock::time_point> heard_, broken_;  ///< the last beat; since when the connection is gone
    bool parted_ = false;                              ///< the previous rank ended in order
    std::thread thread_;
};

void Watchdog::Beat::run()
{
    to_next_ = connect_to(after_.host, after_.port);
    if (to_next_)
        send(to_next_.get(), secret_.data(), secret_.size(), MSG_NOSIGNAL);
    else
        spdlog::warn("rank {} on {} cannot be reached past MPI: where this rank hangs, nobody notices", after_.rank,
                     after_.host);
    for (auto last = Clock::now();;) {
        send_beat();
        auto const& peer = from_previous_ ? from_previous_ : candidate_ ? candidate_ : listening_;
        std::array<pollfd, 2> ends{{{wake_.get(), POLLIN, 0}, {broken_ || parted_ ? -1 : peer.get(), POLLIN, 0}}};
        bool const told = poll(ends.data(), ends.size(), static_cast<int>(period.count())) > 0;
        if (ends[0].revents) break;
        auto const now = Clock::now();
        if (now - last > own_gap && heard_) heard_ = now;
        last = now;
        if (told) {
            from_previous_ ? hear() : admit();
            std::this_thread::sleep_for(period / 10);
        }
        judge();
    }
    if (to_next_) send(to_next_.get(), &farewell, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void Watchdog::Beat::send_beat()
{
    if (to_next_) send(to_next_.get(), &alive, 1, MSG_NOSIGNAL | MSG_DONTWAIT);  // a rank that died is its successor's
}

/// Who knows the secret is the previous rank; anybody else is sent away.
void Watchdog::Beat::admit()
{
    if (!candidate_) {
        candidate_ = Socket(accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        heard_secret_.clear();
        return;
    }
    std::array<char, secret_length> text{};
    auto const n = recv(candidate_.get(), text.data(), secret_length - heard_secret_.size(), 0);
    if (n > 0) heard_secret_.append(text.data(), static_cast<std::size_t>(n));
    if (n <= 0 || (heard_secret_.size() == secret_length && heard_secret_ != secret_)) {
        candidate_ = Socket();
    } else if (heard_secret_ == secret_) {
        from_previous_ = std::move(candidate_);
        candidate_ = Socket();
        heard_ = Clock::now();
    }
}

void Watchdog::Beat::hear()
{
    std::array<char, 256> text{};
    auto const n = recv(from_previous_.get(), text.data(), text.size(), 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) {
        broken_ = Clock::now();
        return;
    }
    heard_ = Clock::now();
    parted_ = parted_ || std::memchr(text.data(), farewell, static_cast<std::size_t>(n)) != nullptr;
}

void Watchdog::Beat::judge()
{
    if (parted_) return;
    if (broken_ && Clock::now() - *broken_ > launcher_grace) end_job(before_, "ended without a word");
    if (heard_ && !broken_ && Clock::now() - *heard_ > limit_)
        end_job(before_, fmt::format("has not been heard of for {:.0f} s", limit_.count()));
}

Watchdog::Watchdog(Ranks const& world)
{
    if (world.size() == 1) return;
    auto const secret = world.broadcast(world.leader() ? make_secret() : "");
    bool const wanted = world.broadcast(std::int64_t(limit_s() > 0)) > 0;
    auto [listening, port] = listen_somewhere();
    auto const all = exchange_addresses(world, port);
    if (!wanted) return;
    auto const at = [&](int rank) { return all.at(static_cast<std::size_t>((rank + world.size()) % world.size())); };
    beat_ = std::make_unique<Beat>(std::move(listening), at(world.rank() - 1), at(world.rank() + 1), secret);
}

Watchdog::~Watchdog() = default;

}  // namespace nocturne
