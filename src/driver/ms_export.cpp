#include "driver/ms_export.hpp"

#include "driver/attempt.hpp"
#include "driver/child.hpp"
#include "driver/error_json.hpp"
#include "driver/home.hpp"
#include "driver/maker_child.hpp"
#include "driver/ms_request_json.hpp"
#include "io/ms_writer.hpp"
#include "io/product.hpp"
#include "io/product_paths.hpp"
#include "qa/timing.hpp"

#include <cmath>
#include <filesystem>

#include <spdlog/spdlog.h>

namespace nocturne {
namespace {

/// What stopped the maker may have been the set that it took tables from. Throws Error(bad_input) where that one cannot be read.
void blame_source(std::string const& source, nlohmann::json const& request)
{
    try {
        Child reader({{"ms-write-child"}, "reader of a Measurement Set"});
        nlohmann::json const question{{"do", "read_carried"}, {"request", request}};
        auto const reply = nlohmann::json::parse(reader.ask(question.dump(), MakerChild::patience_s));
        if (reply.contains("error")) throw error_from_json(reply["error"]);
    } catch (ChildError const& error) {
        throw Error(Code::bad_input, "cannot read Measurement Set " + source,
                    "casacore gave up over it: " + error.reason(),
                    "repair it with the program that wrote it, or take the table or column away");
    }
}

/// A block of a GPU, on the host.
class HostCopy {
public:
    VisBlock of(VisBlock const& block, Device const& device)
    {
        VisBlock copy = block;
        copy_rows(device, block.vis, vis_, copy.vis);
        copy_rows(device, block.flag, flag_, copy.flag);
        copy_rows(device, block.weight, weight_, copy.weight);
        copy_rows(device, block.uvw_m, uvw_, copy.uvw_m);
        if (block.raw_vis.data) {
            copy_rows(device, block.raw_vis, raw_vis_, copy.raw_vis);
            copy_rows(device, block.raw_weight, raw_weight_, copy.raw_weight);
        }
        return copy;
    }

private:
    /// Baselines of one integration lie one after another, or all samples are one (stride 0).
    template<class T, int N, class U>
    static void copy_rows(Device const& device, View<T, N> from, std::vector<U>& memory, View<T, N>& to)
    {
        bool const constant = from.stride[1] == 0;
        auto const row = from.size() / from.extent[0];
        memory.resize(static_cast<std::size_t>(constant ? 1 : from.size()));
        for (Index t = 0; t < (constant ? 1 : from.extent[0]); ++t)
            std::visit(
                [&](auto const& d) {
                    copy_out(d, memory.data() + t * row, from.data + t * from.stride[0],
                             static_cast<std::size_t>(constant ? 1 : row) * sizeof(U));
                },
                device);
        to.data = memory.data();
        if (!constant) to.stride[0] = row;
    }

    std::vector<Vis> vis_, raw_vis_;
    std::vector<std::uint8_t> flag_;
    std::vector<float> weight_, raw_weight_;
    std::vector<double> uvw_;
};

/// All ranks of a team see what the first one makes there, or all throw Error(io), before anything is written.
void check_shared(std::string const& directory, std::string const& path, Ranks const& team)
{
    if (team.size() == 1) return;
    namespace fs = std::filesystem;
    team.agree(attempt([&] {
        std::error_code failure;
        if (team.leader() && !fs::create_directory(directory, failure) && failure)
            throw Error(Code::cannot_create, "cannot create " + path, failure.message(),
                        "check the directory and its permissions");
    }));
    auto const seen = attempt([&] {
        if (!fs::is_directory(directory))
            throw Error(Code::io, "cannot write " + path + " from host " + host_name(),
                        "this rank does not see the directory that the group's first rank made",
                        "write to a file system that all nodes share, or keep a group's ranks on one node");
    });
    auto const agreed = attempt([&] { team.agree(seen); });
    std::error_code ignored;
    if (team.leader()) fs::remove(directory, ignored);
    team.agree(agreed);
}

std::int64_t nanoseconds(double seconds) { return std::llround(seconds * 1e9); }

}  // namespace

struct MsExport::Parts {
    Ranks const& team;
    MsExportOptions options;
    std::string command_line;
    std::vector<std::string> const* notes;
    std::string path, directory;  ///< final name; where it is made
    std::unique_ptr<ProductDirectory> product;
    std::unique_ptr<MakerChild> maker;
    std::unique_ptr<MsRequest> request;
    std::unique_ptr<MsWriter> writer;
    HostCopy host;
    double write_s = 0;
    MsExported exported;

    /// The header's long lists that say nothing about rows stay here.
    void create()
    {
        maker = std::make_unique<MakerChild>("ms-write-child", "maker of Measurement Sets", path);
        auto lean = *request;
        lean.header.file_uvw_m.clear();
        lean.header.stopped_w_m.clear();
        auto const asked = to_json(lean);
        try {
            maker->ask({{"do", "create"}, {"path", directory}, {"request", asked}});
        } catch (Error const& error) {
            if (error.code() == Code::io && request->header.set) blame_source(request->header.set->path, asked);
            throw;
        }
    }

    void take(VisBlock const& block, GroupState const& state)
    {
        Stopwatch watch;
        if (!request) {
            request = std::make_unique<MsRequest>(ms_request_of(state, options));
            request->history.push_back(command_line);
            request->history.insert(request->history.end(), notes->begin(), notes->end());
            for (auto& line : request->history) line = without_home(line);
            for (auto const& warning : request->warnings)
                if (team.leader()) spdlog::warn("{}", warning);
        }
        if (block.n_baselines() == 0) {
            if (team.leader()) create();
        } else {
            if (!writer) writer = std::make_unique<MsWriter>(directory, path, *request);
            writer->write(is_host(state.device) ? block : host.of(block, state.device));
        }
        write_s += watch.seconds();
    }

    /// Rows of all ranks must be all rows.
    std::int64_t check_rows()
    {
        std::vector<std::int64_t> rows{writer ? writer->rows_written() : 0};
        team.sum(rows);
        std::int64_t const expected = request ? MsRows(*request).n_rows() : 0;
        team.agree(attempt([&] { NOCT_CHECK(rows[0] == expected && expected > 0, "a Measurement Set is not whole"); }));
        return expected;
    }

    /// What all ranks noted.
    std::vector<MsSample> gather_samples()
    {
        std::vector<MsSample> all;
        for (auto const& part : team.gather(to_json(writer ? writer->samples() : std::vector<MsSample>{}).dump())) {
            auto const samples = ms_samples_from_json(nlohmann::json::parse(part));
            all.insert(all.end(), samples.begin(), samples.end());
        }
        return all;
    }
};

MsExport::MsExport(MsWish const& wish, Ranks const& team, std::string command_line,
                   std::vector<std::string> const* notes)
    : parts_(new Parts{team, wish.options, std::move(command_line), notes, wish.path, "", {}, {}, {}, {}, {}, 0, {}})
{
    auto const& path = wish.path;
    team.agree(attempt([&] {
        if (!team.leader()) return;
        auto const parent = std::filesystem::absolute(path).parent_path().string();
        if (std::filesystem::is_directory(parent)) remove_stray_temporaries(parent);
        parts_->product = std::make_unique<ProductDirectory>(path, "Measurement Set");
        parts_->path = parts_->product->path();
        parts_->directory = parts_->product->temporary_path();
    }));
    parts_->path = team.broadcast(parts_->path);
    parts_->directory = team.broadcast(parts_->directory);
    check_shared(parts_->directory, parts_->path, team);
}

MsExport::~MsExport() = default;

BlockSink MsExport::sink()
{
    return [parts = parts_.get()](VisBlock const& block, GroupState const& state) {
        within("Measurement Set " + parts->path, [&] { parts->take(block, state); });
    };
}

MsExported MsExport::finish(Ledger& ledger)
{
    auto& p = *parts_;
    MsExported result;
    result.path = p.path;
    result.rows = p.check_rows();
    result.write_s = 1e-9 * static_cast<double>(p.team.maximum(nanoseconds(p.write_s)));
    Stopwatch syncing;
    p.team.agree(attempt([&] {
        if (p.writer) p.writer->sync();
    }));
    auto const samples = p.gather_samples();
    double sync_s = syncing.seconds();
    p.team.agree(attempt([&] {
        if (!p.team.leader()) return;
        Stopwatch reading;
        auto const back = p.maker->ask({{"do", "read_back"}, {"samples", to_json(samples)}});
        p.maker.reset();
        result.bytes_compared = back.at("bytes_compared");
        result.readback_s = reading.seconds();
        Stopwatch more;
        p.product->sync();
        sync_s += more.seconds();
        result.bytes = p.product->bytes();
    }));
    result.sync_s = sync_s;
    ledger.add("sync", sync_s);
    if (p.team.leader()) ledger.add("read back", result.readback_s, result.bytes_compared);
    p.exported = result;
    return result;
}

MsExported const& MsExport::exported() const { return parts_->exported; }

std::unique_ptr<ProductDirectory> MsExport::take_product() { return std::move(parts_->product); }

}  // namespace nocturne
