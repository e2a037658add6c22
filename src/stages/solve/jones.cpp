#include "stages/solve/jones.hpp"

#include "nocturne/correlation.hpp"
#include "stages/solve/tables.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

constexpr double most_bytes = 8e9;  // of sums, on every rank

/// What the two passes share.
struct JonesWork {
    SolveSettings settings;
    SolveSums sums;  ///< axes and model; its own sums stay empty
    std::int32_t element[4] = {0, 0, 0, 0};
    std::vector<std::int32_t> first_integration, first_channel;
    Buffer<float> values;  ///< [baseline of this rank][column][planes], on the host

    Index n_blocks() const { return std::ssize(first_channel) - 1; }
    Index n_columns() const { return (std::ssize(first_integration) - 1) * n_blocks(); }
};

/// XX, XY, YX, YY or RR, RL, LR, LL.
void find_elements(GroupHeader const& header, std::int32_t (&element)[4])
{
    constexpr Correlation bases[2][4] = {{Correlation::XX, Correlation::XY, Correlation::YX, Correlation::YY},
                                         {Correlation::RR, Correlation::RL, Correlation::LR, Correlation::LL}};
    auto const& there = header.correlations;
    for (auto const& basis : bases) {
        int found = 0;
        for (int e = 0; e < 4; ++e) {
            auto const at = std::find(there.begin(), there.end(), basis[e]);
            if (at == there.end()) break;
            element[e] = static_cast<std::int32_t>(at - there.begin());
            ++found;
        }
        if (found == 4 && there.size() == 4) return;
    }
    throw Error(
        Code::bad_input, "cannot solve for Jones matrices of group " + header.group_id,
        "it has " + std::to_string(there.size()) + " correlations, XX, XY, YX and YY (or RR, RL, LR and LL) are needed",
        "solve for K, B and G");
}

class JonesSumsPass : public Pass {
public:
    explicit JonesSumsPass(std::shared_ptr<JonesWork> work) : work_(std::move(work)) {}
    std::string name() const override { return "solve.sums"; }
    Scope scope() const override { return Scope::block; }
    std::vector<Field> reads() const override { return {Field::header, Field::vis, Field::flag, Field::weight}; }
    std::vector<Field> writes() const override { return {Field::sums}; }
    void prepare(GroupState& state) override;
    void run(VisBlock& block, GroupState& state) override;

private:
    void cut(GroupHeader const& header);

    std::shared_ptr<JonesWork> work_;
    Buffer<std::int32_t> first_integration_, first_channel_;
    Buffer<double> freq_hz_;
    Buffer<float> flux_, values_;  ///< values_: of one block, on a device that is not the host
    Buffer<SourceFringe> fringe_;
};

/// Intervals and blocks of channels.
void JonesSumsPass::cut(GroupHeader const& header)
{
    auto& work = *work_;
    work.first_integration.clear();
    work.first_channel.clear();
    auto const& interval = work.sums.interval;
    for (std::size_t t = 0; t < interval.size(); ++t)
        if (t == 0 || interval[t] != interval[t - 1]) work.first_integration.push_back(static_cast<std::int32_t>(t));
    work.first_integration.push_back(static_cast<std::int32_t>(interval.size()));
    Index const nc = std::ssize(header.freq_hz), wanted = work.settings.jones_channels,
                size = wanted > 0 ? std::min(wanted, nc) : nc, n = (nc + size - 1) / size;
    for (Index k = 0; k <= n; ++k) work.first_channel.push_back(static_cast<std::int32_t>(std::min(nc, k * size)));
}

void JonesSumsPass::prepare(GroupState& state)
{
    auto& work = *work_;
    auto const& header = state.header;
    find_elements(header, work.element);
    begin_sums(state, work.settings, work.sums);
    cut(header);
    double const bytes =
        4.0 * static_cast<double>(std::ssize(work.sums.pairs) * work.n_columns() * JonesSumsArgs::planes);
    if (bytes > most_bytes)
        throw Error(Code::bad_config, "too many Jones matrices at once",
                    "the sums of " + std::to_string(work.n_columns()) + " solutions take " +
                        std::to_string(static_cast<int>(bytes / 1e9)) + " GB on every rank",
                    "raise jones-channels or solint");
    work.values = Buffer<float>(KokkosDevice{}, work.sums.count * work.n_columns() * JonesSumsArgs::planes);
    first_integration_ = to_device(state.device, work.first_integration);
    first_channel_ = to_device(state.device, work.first_channel);
    freq_hz_ = to_device(state.device, header.freq_hz);
    flux_ = to_device(state.device, work.sums.model->fluxes());
}

void JonesSumsPass::run(VisBlock& block, GroupState& state)
{
    auto& work = *work_;
    auto const& model = *work.sums.model;
    Index const nt = block.n_integrations(), nb = block.n_baselines(), nc = block.n_channels(),
                columns = work.n_columns(), planes = JonesSumsArgs::planes, at = block.first_baseline - work.sums.first;
    JonesSumsArgs args;
    args.vis = block.vis;
    args.flag = block.flag;
    args.weight = block.weight;
    std::copy_n(work.element, 4, args.element);
    args.first_integration = first_integration_.view(first_integration_.size());
    args.first_channel = first_channel_.view(first_channel_.size());
    if (model.of_column()) {
        args.model = model_column(block, work.settings);
    } else {
        fringe_ = to_device(state.device, model.fringes(block.first_baseline, nb));
        args.fringes = {freq_hz_.view(nc), fringe_.view(nt, nb, model.n_sources()),
                        flux_.view(nt, model.n_sources(), nc)};
    }
    float* const to = work.values.data() + at * columns * planes;
    if (is_host(state.device)) {
        args.sums = make_view(to, nb, columns, planes);
        nocturne::run(state.device, args);
        return;
    }
    if (values_.size() < nb * columns * planes) values_ = Buffer<float>(state.device, nb * columns * planes);
    args.sums = values_.view(nb, columns, planes);
    nocturne::run(state.device, args);
    std::visit(
        [&](auto const& d) {
            copy_out(d, to, values_.data(), static_cast<std::size_t>(nb * columns * planes) * sizeof(float));
        },
        state.device);
}

class JonesPass : public Pass {
public:
    explicit JonesPass(std::shared_ptr<JonesWork> work) : work_(std::move(work)) {}
    std::string name() const override { return "solve"; }
    Scope scope() const override { return Scope::group; }
    std::vector<Field> reads() const override { return {Field::header, Field::sums}; }
    std::vector<Field> writes() const override { return {Field::solutions}; }
    void run(GroupState& state) override;

private:
    JonesRows collect(GroupState const& state) const;
    Index choose_reference(JonesRows const& rows) const;
    JonesMatrices solve(JonesRows const& rows, Index reference, Device const& device) const;
    void flag_weak(JonesMatrices& matrices) const;
    CalTable table(JonesMatrices const& matrices, GroupState const& state, Index reference) const;

    std::shared_ptr<JonesWork> work_;
};

/// The rows of all ranks.
JonesRows JonesPass::collect(GroupState const& state) const
{
    auto const& sums = work_->sums;
    JonesRows rows;
    rows.n_rows = std::ssize(sums.pairs);
    rows.n_columns = work_->n_columns();
    rows.n_antennas = std::ssize(sums.antennas);
    Index const size = rows.n_columns * JonesSumsArgs::planes;
    rows.values.assign(static_cast<std::size_t>(rows.n_rows * size), 0);
    sums.for_each_row([&](Index b, Index row) {
        std::copy_n(work_->values.data() + b * size, size, rows.values.data() + row * size);
    });
    state.exchange->merge(rows.values);
    rows.row.assign(static_cast<std::size_t>(rows.n_antennas * rows.n_antennas), -1);
    for (Index r = 0; r < rows.n_rows; ++r) {
        auto const pair = sums.pairs[static_cast<std::size_t>(r)];
        for (Index at : {pair.one * rows.n_antennas + pair.two, pair.two * rows.n_antennas + pair.one})
            rows.row[static_cast<std::size_t>(at)] = static_cast<std::int32_t>(r);
    }
    return rows;
}

/// The first of the chain that has its share of samples; else the antenna that has most.
Index JonesPass::choose_reference(JonesRows const& rows) const
{
    auto const& sums = work_->sums;
    std::vector<double> samples(sums.antennas.size());
    for (Index r = 0; r < rows.n_rows; ++r)
        for (Index c = 0; c < rows.n_columns; ++c) {
            auto const pair = sums.pairs[static_cast<std::size_t>(r)];
            for (auto a : {pair.one, pair.two})
                samples[static_cast<std::size_t>(a)] += rows.at(r, c)[JonesSumsArgs::count];
        }
    auto const most = std::max_element(samples.begin(), samples.end());
    if (!(*most > 0))
        throw Error(Code::bad_input, "cannot solve on group " + sums.header->group_id,
                    "no sample has its four correlations", "look at the flags of its files and at their weights");
    for (auto const& name : work_->settings.reference_chain)
        for (std::size_t a = 0; a < samples.size(); ++a) {
            auto const& antenna = sums.header->antennas[static_cast<std::size_t>(sums.antennas[a])];
            if ((antenna.name == name || std::to_string(antenna.number) == name) &&
                samples[a] >= (1 - work_->settings.reference_flagged) * *most)
                return static_cast<Index>(a);
        }
    return most - samples.begin();
}

JonesMatrices JonesPass::solve(JonesRows const& rows, Index reference, Device const& device) const
{
    auto const& settings = work_->settings;
    Index const na = rows.n_antennas, nc = rows.n_columns;
    Buffer<float> uploaded;
    if (!is_host(device)) uploaded = to_device(device, rows.values);
    auto const row = to_device(device, rows.row);
    Buffer<Vis> const jones(device, nc * na * 4);
    Buffer<float> const information(device, nc * na * 4);
    Buffer<std::uint8_t> const flag(device, nc * na);
    Buffer<StefcalResult> const result(device, nc);
    JonesArgs args;
    args.sums = make_view<float const>(is_host(device) ? rows.values.data() : uploaded.data(), rows.n_rows, nc,
                                       Index(JonesSumsArgs::planes));
    args.row = row.view(na, na);
    args.n_antennas = na;
    args.reference = static_cast<std::int32_t>(reference);
    args.max_iterations = settings.max_iterations;
    args.least_baselines = settings.least_baselines;
    args.least_antennas = settings.least_antennas;
    args.tolerance = settings.tolerance;
    args.jones = jones.view(nc, na, Index(4));
    args.information = information.view(nc, na, Index(4));
    args.flag = flag.view(nc, na);
    args.result = result.view(nc);
    nocturne::run(device, args);
    finish(device);
    return {jones.to_host(), information.to_host(), flag.to_host(), result.to_host(), {}, {}};
}

/// Flags matrices one of whose diagonal elements is below the least signal to noise.
void JonesPass::flag_weak(JonesMatrices& matrices) const
{
    double const least = work_->settings.least_snr;
    for (std::size_t cell = 0; cell < matrices.flag.size(); ++cell)
        for (std::size_t e : {4 * cell, 4 * cell + 3})
            if (least * std::sqrt(matrices.variance[e]) > std::hypot(matrices.value[e].re, matrices.value[e].im))
                matrices.flag[cell] = 1;
}

CalTable JonesPass::table(JonesMatrices const& matrices, GroupState const& state, Index reference) const
{
    auto const& sums = work_->sums;
    auto const& header = state.header;
    auto table = TableMaker{sums, work_->settings, state, reference}.begin(CalKind::jones);
    table.correlations.clear();
    for (auto e : work_->element) table.correlations.push_back(header.correlations[static_cast<std::size_t>(e)]);
    table.gauge = Gauge::reference;
    table.intervals = sums.times;
    table.freq_hz.clear();
    table.channel_width_hz.clear();
    auto const& first = work_->first_channel;
    for (std::size_t k = 0; k + 1 < first.size(); ++k) {
        auto const a = static_cast<std::size_t>(first[k]), b = static_cast<std::size_t>(first[k + 1]) - 1;
        double const low = header.freq_hz[a] - header.channel_width_hz[a] / 2,
                     high = header.freq_hz[b] + header.channel_width_hz[b] / 2;
        table.freq_hz.push_back(0.5 * (low + high));
        table.channel_width_hz.push_back(high - low);
    }
    std::size_t const n = table.size(), nc = table.freq_hz.size(), na = table.antennas.size();
    table.gain.assign(n, 1.0F);
    table.amplitude_error.assign(n, 0.0F);
    table.phase_error_rad.assign(n, 0.0F);
    table.flag.assign(n, 1);
    for (std::size_t column = 0; column < matrices.result.size(); ++column) {
        std::size_t const i = column / nc, c = column % nc;
        for (std::size_t a = 0; a < na; ++a)
            for (std::size_t e = 0; e < 4; ++e) {
                auto const to = table.at(i, a, e, c), from = 4 * (column * na + a) + e;
                table.gain[to] = e % 3 == 0 ? 1.0F : 0.0F;
                if (matrices.flag[column * na + a]) continue;
                table.flag[to] = 0;
                table.gain[to] = {matrices.value[from].re, matrices.value[from].im};
                auto const error = static_cast<float>(std::sqrt(matrices.variance[from]));
                table.amplitude_error[to] = error;
                if (e % 3 == 0) table.phase_error_rad[to] = error / std::abs(table.gain[to]);
            }
    }
    table.solves.resize(table.intervals.size() * 4 * nc);
    for (std::size_t column = 0; column < matrices.result.size(); ++column)
        for (std::size_t e = 0; e < 4; ++e) {
            auto const& result = matrices.result[column];
            table.solves[(column / nc * 4 + e) * nc + column % nc] = {result.iterations,
                                                                      result.converged != 0 && result.antennas > 0,
                                                                      static_cast<float>(matrices.noise[column])};
        }
    return table;
}

void JonesPass::run(GroupState& state)
{
    auto const rows = collect(state);
    auto const reference = choose_reference(rows);
    auto matrices = solve(rows, reference, state.device);
    auto const any = [&] { return std::find(matrices.flag.begin(), matrices.flag.end(), 0) != matrices.flag.end(); };
    auto const problem = "no antenna of group " + state.header.group_id + " could be solved for";
    if (!any())
        throw Error(Code::bad_input, problem,
                    "too few baselines have data and a model in both feeds, or no solve converged",
                    "look at the flags and at the model, or allow more iterations (max-iterations)");
    set_jones_errors(matrices, rows);
    flag_weak(matrices);
    if (!any())
        throw Error(Code::qa_fail, problem, "no solution has the signal to noise that minsnr asks for",
                    "look at the flags, at the model, or use a brighter calibrator");
    fix_jones_gauge(matrices, rows.n_antennas, reference, freedom_of(rows));
    state.solutions = {table(matrices, state, reference)};
}

}  // namespace

std::vector<std::unique_ptr<Pass>> make_jones_passes(SolveSettings const& settings)
{
    auto const work = std::make_shared<JonesWork>();
    work->settings = settings;
    std::vector<std::unique_ptr<Pass>> passes;
    passes.push_back(std::make_unique<JonesSumsPass>(work));
    passes.push_back(std::make_unique<JonesPass>(work));
    return passes;
}

}  // namespace nocturne
