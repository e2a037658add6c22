// What servers and poolers say to a connection that does not come about: waited for, or refused.
#include "db/postgresql.hpp"
#include "scratch.hpp"

#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace nocturne::db::test {
namespace {

/// A server on loopback that says one thing to one who connects, and hangs up.
class CurtServer {
public:
    explicit CurtServer(std::string words) : words_(std::move(words)), socket_(socket(AF_INET, SOCK_STREAM, 0))
    {
        sockaddr_in place{};
        place.sin_family = AF_INET;
        place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof place;
        auto* const address = reinterpret_cast<sockaddr*>(&place);
        if (bind(socket_, address, size) != 0 || listen(socket_, 1) != 0 || getsockname(socket_, address, &size) != 0)
            throw std::runtime_error("no socket on loopback");
        port_ = ntohs(place.sin_port);
        thread_ = std::thread([this] { answer(); });
    }
    ~CurtServer()
    {
        thread_.join();
        close(socket_);
    }
    std::string address() const
    {
        return "postgresql://ann@127.0.0.1:" + std::to_string(port_) + "/night?sslmode=disable&gssencmode=disable";
    }

private:
    void answer() const
    {
        pollfd asked{socket_, POLLIN, 0};
        if (poll(&asked, 1, 20000) != 1) return;
        int const peer = accept(socket_, nullptr, nullptr);
        char startup[1024];
        if (recv(peer, startup, sizeof startup, 0) > 0 && !words_.empty()) {
            auto const nul = std::string(1, '\0');
            auto const fields = "SFATAL" + nul + "C08P01" + nul + "M" + words_ + nul + nul;
            auto const length = htonl(static_cast<std::uint32_t>(4 + fields.size()));
            auto const message = "E" + std::string(reinterpret_cast<char const*>(&length), 4) + fields;
            send(peer, message.data(), message.size(), MSG_NOSIGNAL);
        }
        close(peer);
    }

    std::string words_;
    int socket_, port_ = 0;
    std::thread thread_;
};

enum class Answer { away, refused, none };

Answer answer_to(std::string const& words, std::string& told)
{
    CurtServer const server(words);
    try {
        Session::connect(server.address());
    } catch (DatabaseAway const& away) {
        told = away.what();
        return Answer::away;
    } catch (Error const& error) {
        told = error.what();
        return Answer::refused;
    }
    return Answer::none;
}

TEST(Connecting, what_a_server_or_a_pooler_says_in_passing_is_waited_for)
{
    if (libpq_version().empty()) GTEST_SKIP() << "this build has SQLite only";
    for (std::string const words :
         {"", "server closed the connection", "no more connections allowed (max_client_conn)",
          "pgbouncer cannot connect to server", "server login has been failing, try again later (server_login_retry)",
          "query_wait_timeout", "the database system is starting up", "the database system is in recovery mode",
          "sorry, too many clients already", "too many connections for role \"ann\"",
          "remaining connection slots are reserved for roles with the SUPERUSER attribute",
          "das Datenbanksystem startet", "words that nobody here knows"}) {
        std::string told;
        EXPECT_EQ(answer_to(words, told), Answer::away) << words << ": " << told;
        EXPECT_NE(told.find(words.substr(0, words.find('('))), std::string::npos) << told;
    }
}

TEST(Connecting, passwords_roles_and_databases_that_are_wrong_stay_wrong)
{
    if (libpq_version().empty()) GTEST_SKIP() << "this build has SQLite only";
    for (std::string const words :
         {"password authentication failed for user \"ann\"", "role \"ann\" does not exist", "no such user: ann",
          "role \"ann\" is not permitted to log in", "Peer authentication failed for user \"ann\"",
          "no pg_hba.conf entry for host \"127.0.0.1\", user \"ann\", database \"night\", no encryption"}) {
        std::string told;
        EXPECT_EQ(answer_to(words, told), Answer::refused) << words << ": " << told;
        EXPECT_NE(told.find("check the role and the password"), std::string::npos) << told;
    }
    for (std::string const words : {"database \"night\" does not exist", "no such database: night"}) {
        std::string told;
        EXPECT_EQ(answer_to(words, told), Answer::refused) << words << ": " << told;
        EXPECT_NE(told.find("createdb"), std::string::npos) << told;
    }
}

}  // namespace
}  // namespace nocturne::db::test
