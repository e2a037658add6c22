// Enters: what one rank has. Leaves: what all have, by integers only.
#include "driver/ranks.hpp"

#include "driver/attempt.hpp"
#include "driver/error_report.hpp"
#include "driver/gpu_sums.hpp"
#include "driver/image_message.hpp"
#include "driver/launch_guard.hpp"
#include "driver/watchdog.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <random>
#include <thread>

#include <mpi.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nocturne {
namespace {

constexpr std::size_t bytes_at_once = std::size_t{1} << 30;  // MPI counts in int

MPI_Comm comm(void* communicator) { return static_cast<MPI_Comm>(communicator); }

void mpi_check(int status, char const* call)
{
    if (status == MPI_SUCCESS) return;
    char text[MPI_MAX_ERROR_STRING];
    int length = 0;
    MPI_Error_string(status, text, &length);
    throw Error(Code::system, std::string("MPI call failed: ") + call,
                std::string(text, static_cast<std::size_t>(length)), "run the same command again");
}

template<class T>
void all_reduce(MPI_Comm communicator, T* values, std::size_t n, MPI_Datatype type, MPI_Op operation)
{
    for (std::size_t done = 0; done < n; done += largest_message) {
        auto const part = static_cast<int>(std::min(largest_message, n - done));
        mpi_check(MPI_Allreduce(MPI_IN_PLACE, values + done, part, type, operation, communicator), "MPI_Allreduce");
    }
}

std::string pack(Error const& error)
{
    std::string text = std::to_string(exit_code(error.code()));
    for (auto const* part : {&error.problem(), &error.reason(), &error.advice()}) text += '\0' + *part;
    for (auto const& link : error.context()) text += '\0' + link;
    return text;
}

Error unpack(std::string const& text)
{
    std::vector<std::string> parts(1);
    for (char c : text) {
        if (c)
            parts.back() += c;
        else
            parts.emplace_back();
    }
    parts.resize(std::max<std::size_t>(parts.size(), 4));
    Error error(static_cast<Code>(std::stoi(parts[0])), parts[1], parts[2], parts[3]);
    for (std::size_t i = 4; i < parts.size(); ++i) error.in(parts[i]);
    return error;
}

/// A place of its own for Open MPI's session: programs without a launcher share one otherwise, and one that ends takes away what
/// another is about to use. None under a launcher, where the user names a place, and where none can be made.
HeldPlace make_session_place()
{
    for (char const* launched : {"OMPI_COMM_WORLD_SIZE", "PMIX_NAMESPACE", "PMI_SIZE", "OMPI_MCA_orte_tmpdir_base"})
        if (std::getenv(launched)) return {};
    std::error_code none;
    auto const top = std::filesystem::temp_directory_path(none) / ("nocturne-mpi-" + std::to_string(getuid()));
    struct stat found = {};
    if (none || (lstat(top.c_str(), &found) == 0 && found.st_uid != getuid())) return {};
    try {
        return {top, std::to_string(getpid()) + "-" + std::to_string(std::random_device()())};
    } catch (Error const&) {
        return {};
    }
}

}  // namespace

MpiScope::MpiScope() : session_place_(make_session_place())
{
    // A program started without mpirun or srun spawns no other: Open MPI need not start a daemon beside it (0.2 s a run).
    setenv("OMPI_MCA_ess_singleton_isolated", "1", 0);
    if (session_place_.held()) setenv("OMPI_MCA_orte_tmpdir_base", session_place_.path().c_str(), 1);
    int provided = 0;
    mpi_check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided), "MPI_Init_thread");
    if (session_place_.held()) unsetenv("OMPI_MCA_orte_tmpdir_base");  // not for programs that this one starts
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
}

MpiScope::~MpiScope() { MPI_Finalize(); }

void MpiScope::abort(int code)
{
    MPI_Abort(MPI_COMM_WORLD, code);
    std::abort();
}

int on_all_ranks(std::function<int(Ranks const&)> const& work)
{
    LaunchGuard guard;
    MpiScope const mpi;
    ArmAtEnd const at_end(guard);
    auto const world = Ranks::world();
    Watchdog const watchdog(world);
    guard.disarm();
    try {
        return work(world);
    } catch (Error const& error) {
        // Said before MPI_Finalize: mpirun ends the other ranks as soon as one has left with a code.
        return world.leader() ? tell(error) : exit_code(error.code());
    } catch (std::exception const&) {
        if (world.size() == 1) throw;
        // Whoever speaks first ends all: where several fail alike, the lowest of them does.
        std::this_thread::sleep_for(std::chrono::milliseconds(200) * std::min(world.rank(), 20));
        auto error = *attempt([] { throw; });
        MpiScope::abort(tell(error.in("rank " + std::to_string(world.rank()))));
    }
}

Ranks::Ranks(void* communicator, bool owned) : communicator_(communicator), owned_(owned)
{
    mpi_check(MPI_Comm_rank(comm(communicator_), &rank_), "MPI_Comm_rank");
    mpi_check(MPI_Comm_size(comm(communicator_), &size_), "MPI_Comm_size");
}

Ranks::Ranks(Ranks&& other) noexcept
    : communicator_(other.communicator_), owned_(other.owned_), rank_(other.rank_), size_(other.size_)
{
    other.owned_ = false;
}

Ranks::~Ranks()
{
    if (!owned_) return;
    MPI_Comm mine = comm(communicator_);
    MPI_Comm_free(&mine);
}

Ranks Ranks::world() { return Ranks(MPI_COMM_WORLD, false); }

Ranks Ranks::teams(int team_size) const
{
    if (team_size < 1 || size_ % team_size != 0)
        throw Error(Code::usage, "--ranks-per-group " + std::to_string(team_size),
                    "the job has " + std::to_string(size_) + " ranks", "choose a divisor of the number of ranks");
    MPI_Comm team;
    mpi_check(MPI_Comm_split(comm(communicator_), rank_ / team_size, rank_, &team), "MPI_Comm_split");
    MPI_Comm_set_errhandler(team, MPI_ERRORS_RETURN);
    return Ranks(team, true);
}

std::int64_t Ranks::broadcast(std::int64_t value) const
{
    mpi_check(MPI_Bcast(&value, 1, MPI_INT64_T, 0, comm(communicator_)), "MPI_Bcast");
    return value;
}

std::string Ranks::broadcast(std::string const& text) const
{
    auto const n = static_cast<std::size_t>(broadcast(static_cast<std::int64_t>(text.size())));
    std::string all(n, 0);
    if (leader()) all = text;
    for (std::size_t at = 0; at < n; at += bytes_at_once)
        mpi_check(MPI_Bcast(all.data() + at, static_cast<int>(std::min(bytes_at_once, n - at)), MPI_CHAR, 0,
                            comm(communicator_)),
                  "MPI_Bcast");
    return all;
}

std::int64_t Ranks::maximum(std::int64_t value) const
{
    all_reduce(comm(communicator_), &value, 1, MPI_INT64_T, MPI_MAX);
    return value;
}

std::vector<std::string> Ranks::gather(std::string const& text) const
{
    auto const ranks = static_cast<std::size_t>(size_), piece = bytes_at_once / ranks;
    std::vector<std::string> texts(leader() ? ranks : 0);
    std::vector<int> length(ranks), start(ranks);
    auto const longest = static_cast<std::size_t>(maximum(static_cast<std::int64_t>(text.size())));
    for (std::size_t at = 0; at < longest; at += piece) {
        auto const from = std::min(at, text.size());
        int const mine = static_cast<int>(std::min(piece, text.size() - from));
        mpi_check(MPI_Gather(&mine, 1, MPI_INT, length.data(), 1, MPI_INT, 0, comm(communicator_)), "MPI_Gather");
        int total = 0;
        for (std::size_t i = 0; leader() && i < ranks; total += length[i++]) start[i] = total;
        std::string all(static_cast<std::size_t>(total), 0);
        mpi_check(MPI_Gatherv(text.data() + from, mine, MPI_CHAR, all.data(), length.data(), start.data(), MPI_CHAR, 0,
                              comm(communicator_)),
                  "MPI_Gatherv");
        for (std::size_t i = 0; i < texts.size(); ++i)
            texts[i].append(all, static_cast<std::size_t>(start[i]), static_cast<std::size_t>(length[i]));
    }
    return texts;
}

void Ranks::sum(std::vector<std::int64_t>& values) const
{
    if (size_ > 1) all_reduce(comm(communicator_), values.data(), values.size(), MPI_INT64_T, MPI_SUM);
}

void Ranks::sum(Buffer<std::int64_t>& values) const
{
    if (size_ == 1) return;
    auto const reduce = [&](std::int64_t* data, std::size_t n) {
        all_reduce(comm(communicator_), data, n, MPI_INT64_T, MPI_SUM);
    };
    finish(values.device());
    if (sum_road(is_host(values.device()), mpi_takes_gpu_memory()) == SumRoad::in_place)
        reduce(values.data(), static_cast<std::size_t>(values.size()));
    else
        reduce_staged(values, staged_at_once, reduce);
}

void Ranks::agree(std::optional<Error> const& mine) const
{
    if (size_ == 1) {
        if (mine) throw *mine;
        return;
    }
    auto const failing = -maximum(mine ? -rank_ : -size_);  // the lowest rank that failed, size() where none did
    if (failing == size_) return;
    auto text = mine && failing == rank_ ? pack(*mine) : std::string();
    auto length = static_cast<std::int64_t>(text.size());
    auto const root = static_cast<int>(failing);
    mpi_check(MPI_Bcast(&length, 1, MPI_INT64_T, root, comm(communicator_)), "MPI_Bcast");
    text.resize(static_cast<std::size_t>(length));
    mpi_check(MPI_Bcast(text.data(), static_cast<int>(length), MPI_CHAR, root, comm(communicator_)), "MPI_Bcast");
    throw unpack(text);
}

void Ranks::merge(std::vector<Vis>& values) const
{
    static_assert(sizeof(Vis) == sizeof(std::uint64_t));
    if (size_ > 1)
        all_reduce(comm(communicator_), reinterpret_cast<std::uint64_t*>(values.data()), values.size(), MPI_UINT64_T,
                   MPI_BOR);
}

void Ranks::merge(std::vector<float>& values) const
{
    static_assert(sizeof(float) == sizeof(std::uint32_t));
    if (size_ > 1)
        all_reduce(comm(communicator_), reinterpret_cast<std::uint32_t*>(values.data()), values.size(), MPI_UINT32_T,
                   MPI_BOR);
}

void Ranks::deal(std::vector<float>& pieces, std::vector<std::size_t> const& counts, std::vector<float>& dealt) const
{
    if (size_ == 1) return std::swap(pieces, dealt);
    auto const ranks = static_cast<std::size_t>(size_);
    std::vector<std::uint64_t> sent(counts.begin(), counts.end()), due(ranks);
    mpi_check(MPI_Alltoall(sent.data(), 1, MPI_UINT64_T, due.data(), 1, MPI_UINT64_T, comm(communicator_)),
              "MPI_Alltoall");
    dealt.resize(std::accumulate(due.begin(), due.end(), std::size_t(0)));
    std::vector<MPI_Request> requests;
    auto const each_part = [&](std::vector<std::uint64_t> const& lengths, float* values, auto const& post) {
        for (std::size_t r = 0; r < ranks; values += lengths[r++])
            for (std::size_t done = 0; done < lengths[r]; done += largest_message)
                mpi_check(post(values + done, static_cast<int>(std::min(largest_message, lengths[r] - done)),
                               static_cast<int>(r), &requests.emplace_back()),
                          "MPI_Isend or MPI_Irecv");
    };
    each_part(due, dealt.data(), [&](float* to, int n, int rank, MPI_Request* request) {
        return MPI_Irecv(to, n, MPI_FLOAT, rank, 0, comm(communicator_), request);
    });
    each_part(sent, pieces.data(), [&](float const* from, int n, int rank, MPI_Request* request) {
        return MPI_Isend(from, n, MPI_FLOAT, rank, 0, comm(communicator_), request);
    });
    mpi_check(MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE), "MPI_Waitall");
}

void Ranks::combine(Field field, GroupState& state) const
{
    if (field == Field::density && state.density) nocturne::combine(*state.density, *this);
    if (field == Field::counts) {
        std::vector<std::int64_t> counts{state.counts.used};
        counts.insert(counts.end(), std::begin(state.counts.by_reason), std::end(state.counts.by_reason));
        sum(counts);
        state.counts.used = counts[0];
        std::copy(counts.begin() + 1, counts.end(), std::begin(state.counts.by_reason));
        if (auto& account = state.flag_account)
            for (auto* part :
                 {&account->by_antenna, &account->by_channel, &account->cross_flagged, &account->cross_total})
                sum(*part);
    }
    if (field == Field::nodes && state.nodes) {
        merge(state.nodes->y);
        merge(state.nodes->psf);
        std::vector<std::int64_t> weight{state.nodes->sum_weight_units};
        sum(weight);
        state.nodes->sum_weight_units = weight[0];
    }
}

std::vector<HeldImage> Ranks::list_images(GroupState& state) const
{
    constexpr std::size_t n_products = std::size(product_names);
    std::vector<std::int64_t> holder(n_products, 0);  // rank + 1
    std::vector<std::int64_t> widths(3, 0);           // the PSF's beam, its bits: 0 on ranks that do not hold it
    for (auto const& image : state.images) {
        holder[static_cast<std::size_t>(image.product)] = rank_ + 1;
        if (image.product == Product::psf)
            widths = {std::bit_cast<std::int64_t>(image.beam.major_rad),
                      std::bit_cast<std::int64_t>(image.beam.minor_rad),
                      std::bit_cast<std::int64_t>(image.beam.pa_rad)};
    }
    sum(holder);
    sum(widths);
    Beam const beam{std::bit_cast<double>(widths[0]), std::bit_cast<double>(widths[1]),
                    std::bit_cast<double>(widths[2])};
    for (auto& image : state.images)
        if (!(image.beam.major_rad > 0)) image.beam = beam;
    std::vector<HeldImage> list;
    for (std::size_t i = 0; i < n_products; ++i)
        if (holder[i] > 0) list.push_back({static_cast<Product>(i), static_cast<int>(holder[i]) - 1});
    return list;
}

void Ranks::send(Image const& image, int to) const { send_image(communicator_, image, to); }

Image Ranks::receive(int from) const { return receive_image(communicator_, from); }

}  // namespace nocturne
