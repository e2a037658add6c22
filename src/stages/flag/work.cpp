#include "stages/flag/work.hpp"

#include <algorithm>

namespace nocturne {
namespace {

constexpr int columns = 6;  // of the list of masks: array, by hand, vote, antenna, antenna, baseline

}  // namespace

void GrownRows::begin(VisBlock const& block, Device const& device)
{
    n_integrations = block.n_integrations();
    n_baselines = block.n_baselines();
    n_channels = block.n_channels();
    auto const hold = [&](Buffer<std::uint8_t>& buffer, Index n) {
        if (buffer.size() < n) buffer = Buffer<std::uint8_t>(device, n);
    };
    hold(channel, n_baselines * n_channels);
    hold(row, n_integrations * n_baselines);
}

void FlagWork::list_antennas(GroupHeader const& header)
{
    std::vector<int> slot(header.antennas.size(), -1);
    for (auto const& baseline : header.baselines)
        for (int a : {baseline.ant1, baseline.ant2}) {
            if (std::ssize(slot) <= a) slot.resize(static_cast<std::size_t>(a) + 1, -1);
            slot[static_cast<std::size_t>(a)] = 0;
        }
    antennas.clear();
    for (std::size_t a = 0; a < slot.size(); ++a)
        if (slot[a] == 0) {
            slot[a] = static_cast<int>(antennas.size());
            antennas.push_back(static_cast<int>(a));
        }
    for (auto const& baseline : header.baselines) {
        pair.push_back(slot[static_cast<std::size_t>(baseline.ant1)]);
        pair.push_back(slot[static_cast<std::size_t>(baseline.ant2)]);
        auto const place = [&](int antenna) {
            auto const a = static_cast<std::size_t>(antenna);
            return a < header.antennas.size() ? header.antennas[a].position_m : std::array<double, 3>{};
        };
        auto const one = place(baseline.ant1), two = place(baseline.ant2);
        metres.push_back({two[0] - one[0], two[1] - one[1], two[2] - one[2]});
    }
}

Index FlagWork::cross_baselines() const
{
    Index n = 0;
    for (Index b = 0; b < nb; ++b) n += pair[2 * b] != pair[2 * b + 1];
    return n;
}

void FlagWork::make_which(Device const& device)
{
    std::vector<std::int32_t> list;
    std::vector<std::uint8_t> marks;
    for (Index b = 0; b < nb; ++b) {
        bool const autocorrelation = pair[2 * b] == pair[2 * b + 1];
        marks.push_back(autocorrelation);
        for (Index row : {Index(mask_array), Index(mask_by_hand), Index(mask_vote), mask_of_antenna(pair[2 * b]),
                          mask_of_antenna(pair[2 * b + 1]), mask_of_baseline(b)})
            list.push_back(autocorrelation ? -1 : static_cast<std::int32_t>(row));
    }
    which = to_device(device, list);
    is_auto = to_device(device, marks);
}

void FlagWork::prepare(GroupState& state)
{
    if (prepared_) return;
    prepared_ = true;
    device_ = state.device;
    auto const& header = state.header;
    nt = std::ssize(header.time_mjd_s), nb = std::ssize(header.baselines), nc = std::ssize(header.freq_hz);
    np = std::ssize(header.correlations);
    for (auto correlation : header.correlations) feeds.push_back(feeds_of(correlation));
    words = mask_words(nt);
    list_antennas(header);
    make_which(state.device);
    pairs = to_device(state.device, pair);
    row_bits.assign(static_cast<std::size_t>(nt * nb), 0);
    dead.assign(antennas.size(), 0);
    course.assign(static_cast<std::size_t>(nt * nc), 1.0F);
    courses = to_device(state.device, course);
    searched.assign(static_cast<std::size_t>(nb), 0);
    table.assign(static_cast<std::size_t>((mask_antennas + n_antennas()) * words * nc), 0);
    if (settings.interference) {
        masks = Buffer<std::uint32_t>(state.device, (mask_antennas + n_antennas() + nb) * words * nc);
        masks.clear();
        if (settings.rows) apply_row_rules(*this, state);
        upload_rows();
    }
    FlagAccount account;
    account.n_integrations = nt, account.n_channels = nc, account.n_correlations = np;
    account.antennas = antennas;
    account.by_antenna.assign(static_cast<std::size_t>(n_antennas() * np * (1 + flag_rules)), 0);
    account.by_channel.assign(static_cast<std::size_t>(nc * np * (1 + flag_rules)), 0);
    account.cross_flagged.assign(static_cast<std::size_t>(nt * nc), 0);
    account.cross_total.assign(static_cast<std::size_t>(nt * nc), 0);
    if (is_host(state.device)) state.flag_account = std::move(account);
}

void FlagWork::upload_mask(Index row, std::vector<std::uint32_t> const& mask)
{
    std::copy(mask.begin(), mask.end(), table.begin() + row * words * nc);
    std::visit(
        [&](auto const& d) { copy_in(d, masks.data() + row * words * nc, mask.data(), mask.size() * sizeof mask[0]); },
        device_);
}

void FlagWork::upload_rows() { rows = to_device(device_, row_bits); }

bool FlagWork::has_deaf_hand(Index b, Index p) const
{
    if (deaf.empty() || feeds[p].one < 0 || pair[2 * b] == pair[2 * b + 1]) return false;
    return deaf[2 * pair[2 * b] + feeds[p].one] || deaf[2 * pair[2 * b + 1] + feeds[p].two];
}

void FlagWork::upload_hands()
{
    hand_rows.clear();
    for (Index p = 0; p < np; ++p) {
        std::vector<std::uint8_t> bits(static_cast<std::size_t>(nt * nb), 0);
        for (Index b = 0; b < nb; ++b)
            for (Index t = 0; has_deaf_hand(b, p) && t < nt; ++t) bits[t * nb + b] = flag_static;
        bool const any = std::find(bits.begin(), bits.end(), flag_static) != bits.end();
        hand_rows.push_back(any ? to_device(device_, bits) : Buffer<std::uint8_t>());
    }
}

void FlagWork::mark_hands(VisBlock& block, GroupState& state)
{
    Index const first = block.first_baseline, n = block.n_baselines();
    for (Index p = 0; p < std::ssize(hand_rows); ++p)
        if (hand_rows[p].size() > 0)
            run(state.device, MarkArgs{block.flag.slice(3, p, 1), mask_table(),
                                       which.view(nb, columns).slice(0, first, n).slice(1, 0, 0),
                                       hand_rows[p].view(nt, nb).slice(1, first, n)});
}

void FlagWork::mark(VisBlock& block, GroupState& state, int first_column, int n_columns, std::uint8_t bit)
{
    run(state.device, MarkArgs{block.flag, mask_table(),
                               which.view(nb, columns)
                                   .slice(0, block.first_baseline, block.n_baselines())
                                   .slice(1, first_column, n_columns),
                               rows.view(nt, nb).slice(1, block.first_baseline, block.n_baselines()), bit});
    mark_hands(block, state);
}

}  // namespace nocturne
