// Pass `solve.sums`.
#include "stages/solve/sums.hpp"

#include "stages/image/hands.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <sys/mman.h>

namespace nocturne {
namespace {

std::vector<CalInterval> interval_times(GroupHeader const& header, std::vector<std::int32_t> const& interval)
{
    std::vector<CalInterval> times(static_cast<std::size_t>(interval.back()) + 1);
    std::vector<int> count(times.size());
    for (std::size_t t = 0; t < interval.size(); ++t) {
        auto const i = static_cast<std::size_t>(interval[t]);
        double const half = header.integration_s[t] / 2;
        if (count[i]++ == 0) times[i].start_mjd_s = header.time_mjd_s[t] - half;
        times[i].end_mjd_s = header.time_mjd_s[t] + half;
        times[i].time_mjd_s += header.time_mjd_s[t];
    }
    for (std::size_t i = 0; i < times.size(); ++i) times[i].time_mjd_s /= count[i];
    return times;
}

/// Length of a baseline in wavelengths at the middle of the band; foreshortening is left out.
double length_lambda(GroupHeader const& header, Baseline const& b)
{
    auto const &one = header.antennas[static_cast<std::size_t>(b.ant1)].position_m,
               &two = header.antennas[static_cast<std::size_t>(b.ant2)].position_m;
    double const metres = std::hypot(two[0] - one[0], two[1] - one[1], two[2] - one[2]);
    return metres * 0.5 * (header.freq_hz.front() + header.freq_hz.back()) / speed_of_light_m_s;
}

void choose_baselines(GroupHeader const& header, SolveSettings const& settings, SolveSums& sums)
{
    std::set<std::int32_t> used;
    auto const wanted = [&](Baseline const& b) {
        if (b.ant1 == b.ant2) return false;
        double const length = length_lambda(header, b);
        return length >= settings.least_uv_lambda &&
               (settings.most_uv_lambda <= 0 || length <= settings.most_uv_lambda);
    };
    for (auto const& b : header.baselines)
        if (wanted(b)) used.insert({b.ant1, b.ant2});
    sums.antennas.assign(used.begin(), used.end());
    auto const place = [&](std::int32_t antenna) {
        return static_cast<std::int32_t>(std::lower_bound(sums.antennas.begin(), sums.antennas.end(), antenna) -
                                         sums.antennas.begin());
    };
    for (auto const& b : header.baselines) {
        sums.row.push_back(wanted(b) ? static_cast<std::int32_t>(sums.pairs.size()) : -1);
        if (wanted(b)) sums.pairs.push_back({place(b.ant1), place(b.ant2)});
    }
    if (std::ssize(sums.antennas) < settings.least_antennas)
        throw Error(Code::bad_input, "cannot solve on group " + header.group_id,
                    "baselines of " + std::to_string(sums.antennas.size()) + " antennas are within the uv range, " +
                        std::to_string(settings.least_antennas) + " are needed",
                    "solve on a group of more antennas, or widen the uv range");
    if (std::ssize(sums.antennas) > StefcalArgs::max_antennas)
        throw Error(Code::bad_input, "cannot solve on group " + header.group_id,
                    "it has " + std::to_string(sums.antennas.size()) + " antennas",
                    "the solver takes up to " + std::to_string(StefcalArgs::max_antennas));
}

/// Sums are written once and read in long rows, so they gain little by huge pages, while a virtual machine's host may have taken these back since they were
/// freed: then the first touch of one costs ten times what it should (3 ms of a host whose balloon reports free pages; a full group's sums by two ranks
/// take 0.57 s instead of 0.14). Small pages come from what lies between, which no host takes back: 0.23 s either way.
void take_small_pages(Buffer<float> const& buffer)
{
    constexpr Index page = 4096;
    auto const at = reinterpret_cast<std::uintptr_t>(buffer.data()), begin = (at + page - 1) / page * page,
               end = (at + static_cast<std::uintptr_t>(buffer.bytes())) / page * page;
    if (end > begin) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_NOHUGEPAGE);
}

/// The work of all passes over the blocks.
class SumsWork {
public:
    SumsWork(SolveSettings settings, std::shared_ptr<SolveSums> sums) : settings_(std::move(settings)), sums_(sums) {}
    void prepare(GroupState& state);
    /// Of one round: the gains of robust weights are uploaded once.
    void run(VisBlock& block, GroupState& state, int round);

private:
    TimeSumsArgs sums_of(VisBlock const& block, GroupState const& state);
    void allocate(GroupState const& state);
    void make_robust(TimeSumsArgs& args, Index first, GroupState const& state);
    void bring_home(Index first, Index count, Device const& device);

    SolveSettings settings_;
    std::shared_ptr<SolveSums> sums_;
    Buffer<float> flux_, re_, im_, power_, power_data_, samples_;  ///< of one block, on a device that is not the host
    Buffer<double> freq_hz_;
    Buffer<std::int32_t> interval_;
    Buffer<SourceFringe> fringe_;
    int round_ = 0;
    Buffer<Vis> gain_;
    Buffer<float> scale_;
    Buffer<AntennaPair> pairs_;  ///< [baseline of the group]
};

class SumsPass : public Pass {
public:
    SumsPass(std::shared_ptr<SumsWork> work, int round) : work_(std::move(work)), round_(round) {}
    std::string name() const override { return "solve.sums" + (round_ > 0 ? std::to_string(round_) : ""); }
    Scope scope() const override { return Scope::block; }
    std::vector<Field> reads() const override { return {Field::header, Field::vis, Field::flag, Field::weight}; }
    std::vector<Field> writes() const override { return {Field::sums}; }
    void prepare(GroupState& state) override
    {
        if (round_ == 0) work_->prepare(state);
    }
    void run(VisBlock& block, GroupState& state) override { work_->run(block, state, round_); }

private:
    std::shared_ptr<SumsWork> work_;
    int round_;
};

void SumsWork::prepare(GroupState& state)
{
    begin_sums(state, settings_, *sums_);
    round_ = 0;
    allocate(state);
}

void SumsWork::allocate(GroupState const& state)
{
    auto& sums = *sums_;
    Device const host = KokkosDevice{};
    Index const cells = sums.count * sums.n_hands * sums.n_channels;
    for (auto* buffer : {&sums.re, &sums.im, &sums.power}) *buffer = Buffer<float>(host, cells * sums.n_intervals);
    for (auto* buffer : {&sums.power_data, &sums.samples}) *buffer = Buffer<float>(host, cells);
    for (auto* buffer : {&sums.re, &sums.im, &sums.power, &sums.power_data, &sums.samples}) take_small_pages(*buffer);
    flux_ = to_device(state.device, sums.model->fluxes());
    freq_hz_ = to_device(state.device, state.header.freq_hz);
    interval_ = to_device(state.device, sums.interval);
}

/// The kernel's arguments: on the host sums go where they belong, else into buffers of one block.
TimeSumsArgs SumsWork::sums_of(VisBlock const& block, GroupState const& state)
{
    auto& sums = *sums_;
    Index const nt = block.n_integrations(), nb = block.n_baselines(), nc = sums.n_channels, np = sums.n_hands;
    Index const ns = sums.model->n_sources(), ni = sums.n_intervals;
    TimeSumsArgs args;
    auto const hands = [&](auto view) {
        view.data += sums.hand[0] * view.stride[3];
        view.extent[3] = np;
        view.stride[3] *= np == 2 ? sums.hand[1] - sums.hand[0] : 1;
        return view;
    };
    args.vis = hands(block.vis);
    args.flag = hands(block.flag);
    args.weight = hands(block.weight);
    args.freq_hz = freq_hz_.view(nc);
    if (sums.model->of_column()) {
        args.model = hands(model_column(block, settings_));
    } else {
        fringe_ = to_device(state.device, sums.model->fringes(block.first_baseline, nb));
        args.fringe = fringe_.view(nt, nb, ns);
        args.flux_jy = flux_.view(nt, ns, nc);
    }
    if (!sums.gain.empty()) make_robust(args, block.first_baseline, state);
    args.interval = interval_.view(nt);
    if (is_host(state.device)) {
        Index const at = block.first_baseline - sums.first;
        auto const part = [&](Buffer<float> const& whole) {
            return whole.view(ni, sums.count, np, nc).slice(1, at, nb);
        };
        args.product_re = part(sums.re);
        args.product_im = part(sums.im);
        args.power_model = part(sums.power);
        args.power_data = sums.power_data.view(sums.count, np, nc).slice(0, at, nb);
        args.count = sums.samples.view(sums.count, np, nc).slice(0, at, nb);
        return args;
    }
    auto const room = [&](Buffer<float>& buffer, Index intervals) {
        if (buffer.size() < intervals * nb * np * nc) buffer = Buffer<float>(state.device, intervals * nb * np * nc);
    };
    for (auto* buffer : {&re_, &im_, &power_}) room(*buffer, ni);
    for (auto* buffer : {&power_data_, &samples_}) room(*buffer, 1);
    args.product_re = re_.view(ni, nb, np, nc);
    args.product_im = im_.view(ni, nb, np, nc);
    args.power_model = power_.view(ni, nb, np, nc);
    args.power_data = power_data_.view(nb, np, nc);
    args.count = samples_.view(nb, np, nc);
    return args;
}

void SumsWork::make_robust(TimeSumsArgs& args, Index first, GroupState const& state)
{
    auto const& sums = *sums_;
    if (gain_.size() == 0) {
        gain_ = to_device(state.device, sums.gain);
        scale_ = to_device(state.device, sums.scale);
        std::vector<AntennaPair> pairs;
        for (auto const row : sums.row)
            pairs.push_back(row < 0 ? AntennaPair{-1, -1} : sums.pairs[static_cast<std::size_t>(row)]);
        pairs_ = to_device(state.device, pairs);
    }
    Index const np = sums.n_hands, nc = sums.n_channels;
    args.gain = gain_.view(sums.n_intervals, std::ssize(sums.antennas), np, nc);
    args.scale = scale_.view(np, nc);
    args.pairs = pairs_.view(pairs_.size()).slice(0, first, args.vis.extent[1]);
    args.freedom = static_cast<float>(settings_.robust);
}

void SumsWork::bring_home(Index first, Index count, Device const& device)
{
    auto& sums = *sums_;
    Index const row = sums.n_hands * sums.n_channels;
    auto const copy = [&](Buffer<float> const& from, Buffer<float> const& to, Index intervals) {
        for (Index i = 0; i < intervals; ++i)
            std::visit(
                [&](auto const& d) {
                    copy_out(d, to.data() + (i * sums.count + first - sums.first) * row, from.data() + i * count * row,
                             static_cast<std::size_t>(count * row) * sizeof(float));
                },
                device);
    };
    copy(re_, sums.re, sums.n_intervals);
    copy(im_, sums.im, sums.n_intervals);
    copy(power_, sums.power, sums.n_intervals);
    copy(power_data_, sums.power_data, 1);
    copy(samples_, sums.samples, 1);
}

void SumsWork::run(VisBlock& block, GroupState& state, int round)
{
    if (round != round_) gain_ = Buffer<Vis>();
    round_ = round;
    NOCT_CHECK(block.first_baseline >= sums_->first &&
                   block.first_baseline + block.n_baselines() <= sums_->first + sums_->count,
               "a block of another rank's baselines");
    nocturne::run(state.device, sums_of(block, state));
    if (!is_host(state.device)) bring_home(block.first_baseline, block.n_baselines(), state.device);
}

}  // namespace

std::vector<Correlation> SolveSums::hands() const
{
    std::vector<Correlation> all;
    for (Index p = 0; p < n_hands; ++p) all.push_back(header->correlations[static_cast<std::size_t>(hand[p])]);
    return all;
}

std::vector<std::int32_t> cut_intervals(GroupHeader const& header, double seconds)
{
    auto const nt = std::ssize(header.time_mjd_s);
    double const whole = static_cast<double>(nt) * header.integration_s.front();
    auto const n = seconds > 0 ? std::clamp<Index>(std::llround(whole / seconds), 1, nt) : Index(1);
    std::vector<std::int32_t> interval;
    for (Index t = 0; t < nt; ++t) interval.push_back(static_cast<std::int32_t>(t * n / nt));
    return interval;
}

void begin_sums(GroupState const& state, SolveSettings const& settings, SolveSums& sums)
{
    if (!state.uvw_m.empty())
        throw Error(Code::bad_config, "solve comes after convert", "the model is made for the phases of the files",
                    "put the task solve before the task convert");
    sums = SolveSums();
    auto const& header = state.header;
    auto const hands = find_parallel_hands(header.correlations);
    sums.header = &header;
    sums.hand[0] = hands.a;
    sums.hand[1] = hands.b;
    sums.n_hands = hands.b < 0 ? 1 : 2;
    sums.n_channels = std::ssize(header.freq_hz);
    choose_baselines(header, settings, sums);
    sums.model.emplace(header, settings);
    bool const both = settings.phase_interval_s > 0 && settings.gain_interval_s > 0 && !settings.jones;
    double const shortest = both             ? std::min(settings.phase_interval_s, settings.gain_interval_s)
                            : settings.jones ? settings.gain_interval_s
                                             : std::max(settings.phase_interval_s, settings.gain_interval_s);
    sums.interval = cut_intervals(header, shortest);
    sums.times = interval_times(header, sums.interval);
    sums.n_intervals = std::ssize(sums.times);
    sums.middle = sums.n_intervals / 2;
    Index const all = std::ssize(header.baselines);
    sums.first = all * state.share.rank / state.share.size;
    sums.count = all * (state.share.rank + 1) / state.share.size - sums.first;
}

View<Vis const, 4> model_column(VisBlock const& block, SolveSettings const& settings)
{
    if (!block.model.data)
        throw Error(Code::bad_config, "there is no column " + settings.model_column, "the input is no Measurement Set",
                    "name the sources with model, or give a Measurement Set that holds the column");
    return block.model;
}

std::vector<std::unique_ptr<Pass>> make_sums_passes(SolveSettings const& settings, std::shared_ptr<SolveSums> sums,
                                                    int n)
{
    auto const work = std::make_shared<SumsWork>(settings, std::move(sums));
    std::vector<std::unique_ptr<Pass>> passes;
    for (int round = 0; round < n; ++round) passes.push_back(std::make_unique<SumsPass>(work, round));
    return passes;
}

}  // namespace nocturne
