#include "driver/flag_files.hpp"

#include "driver/attempt.hpp"
#include "driver/stop_signal.hpp"
#include "io/npz_writer.hpp"
#include "qa/picture.hpp"

namespace nocturne {
namespace {

/// Flags as they stand at the end, of all baselines.
struct KeptFlags {
    std::vector<std::uint8_t> flags;  ///< [baseline][integration][channel][correlation]
};

class KeepPass : public Pass {
public:
    explicit KeepPass(KeptFlags& kept) : kept_(kept) {}
    std::string name() const override { return "flag.keep"; }
    Scope scope() const override { return Scope::block; }
    std::vector<Field> reads() const override { return {Field::flag}; }
    std::vector<Field> writes() const override { return {}; }

    void run(VisBlock& block, GroupState& state) override
    {
        auto const row = static_cast<std::size_t>(block.n_channels() * block.n_correlations());
        auto at = kept_.flags.size();
        kept_.flags.resize(at + row * static_cast<std::size_t>(block.n_baselines() * block.n_integrations()));
        for (Index b = 0; b < block.n_baselines(); ++b)
            for (Index t = 0; t < block.n_integrations(); ++t, at += row)
                std::visit([&](auto const& d) { copy_out(d, kept_.flags.data() + at, &block.flag(t, b, 0, 0), row); },
                           state.device);
    }

private:
    KeptFlags& kept_;
};

void write_flags(std::string const& path, KeptFlags const& kept, GroupHeader const& header)
{
    Index const nt = std::ssize(header.time_mjd_s), nb = std::ssize(header.baselines), nc = std::ssize(header.freq_hz),
                np = std::ssize(header.correlations);
    std::vector<std::int64_t> antennas;
    for (auto const& [ant1, ant2] : header.baselines)
        for (int a : {ant1, ant2}) antennas.push_back(header.antennas[static_cast<std::size_t>(a)].number);
    ProductFile file(path);
    NpzWriter npz(file);
    npz.add("flags", NpyType::u8, {nb, nt, nc, np}, kept.flags.data());
    npz.add("antennas", NpyType::i64, {nb, 2}, antennas.data());
    npz.add("freq_hz", NpyType::f64, {nc}, header.freq_hz.data());
    npz.finish();
    file.commit();
}

}  // namespace

FlagResult flag_files(FlagRequest const& request, Ranks const& world)
{
    if (!request.out.empty() && world.size() > 1)
        throw Error(Code::usage, "--out with " + std::to_string(world.size()) + " ranks", "one rank collects the flags",
                    "run without mpirun");
    StopSignal const signals;
    auto opened = open_inputs(request, world);
    auto const ms = open_export(request, "", opened, world);
    auto& ledger = opened.ledger;
    KeptFlags kept;
    if (!request.out.empty()) opened.run.passes.push_back(std::make_unique<KeepPass>(kept));
    FlagResult result;
    opened.run.notes = &opened.notes;
    Stopwatch const watch;
    result.state = run_files(std::move(opened.run), world, opened.device, ledger);
    if (ms) result.ms = commit_export(*ms, ledger, world);
    result.wall_s = watch.seconds();
    for (auto const& entry : ledger.rows()) {
        result.pass_s.emplace_back(entry.name, entry.seconds);
        if (entry.name.starts_with("flag") && entry.name != "flag.keep") result.flag_s += entry.seconds;
    }
    if (!request.out.empty()) write_flags(request.out, kept, result.state.header);
    return result;
}

Occupancy draw_occupancy(FlagAccount const& account)
{
    Index const across = std::max<Index>(1, (account.n_channels + 1535) / 1536),
                down = std::max<Index>(1, 240 / std::max<Index>(1, account.n_integrations));
    Occupancy picture{(account.n_channels + across - 1) / across, account.n_integrations * down, {}};
    for (Index y = 0; y < picture.height; ++y)
        for (Index x = 0; x < picture.width; ++x) {
            double flagged = 0, total = 0;
            for (Index c = x * across; c < std::min(account.n_channels, (x + 1) * across); ++c) {
                auto const at = static_cast<std::size_t>(y / down * account.n_channels + c);
                flagged += static_cast<double>(account.cross_flagged[at]);
                total += static_cast<double>(account.cross_total[at]);
            }
            auto const rgb = colour(total > 0 ? flagged / total : 0);
            picture.rgb.insert(picture.rgb.end(), rgb.begin(), rgb.end());
        }
    return picture;
}

}  // namespace nocturne
