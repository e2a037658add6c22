// The road: order of passes, lines, spans that do not fit into memory, errors that stop a group.
#include "driver/run_group.hpp"

#include <gtest/gtest.h>

namespace nocturne {
namespace {

/// Six baselines of one sample each; a sample of baseline b is b when read.
class FixedSource : public BlockSource {
public:
    explicit FixedSource(Index span) : span_(span), vis_(6), flag_(6), uvw_(18)
    {
        header_.baselines.resize(6);
        header_.group_id = "g";
    }
    GroupHeader const& header() const override { return header_; }
    Index span_baselines() const override { return span_; }
    VisBlock load(Index first, Index n) override
    {
        ++loads;
        for (Index b = 0; b < n; ++b) vis_[b] = {static_cast<float>(first + b), 0};
        return {first, make_view(vis_.data(), 1, n, 1, 1), make_view(flag_.data(), 1, n, 1, 1),
                make_constant_view<float const>(&one_, 1, n, 1, 1), make_view(uvw_.data(), 1, n, 3)};
    }
    std::uint64_t bytes_read() const override { return 0; }
    int loads = 0;

private:
    Index span_;
    GroupHeader header_;
    std::vector<Vis> vis_;
    std::vector<std::uint8_t> flag_;
    std::vector<double> uvw_;
    float one_ = 1;
};

struct Doubles : Pass {
    std::string name() const override { return "double"; }
    Scope scope() const override { return Scope::block; }
    std::vector<Field> reads() const override { return {Field::vis}; }
    std::vector<Field> writes() const override { return {Field::vis, Field::counts}; }
    void run(VisBlock& block, GroupState& state) override
    {
        for (Index b = 0; b < block.n_baselines(); ++b) block.vis(0, b, 0, 0).re *= 2;
        state.counts.used += block.n_baselines();
    }
};

struct Sums : Pass {
    explicit Sums(std::string n, double& sum) : name_(std::move(n)), sum_(sum) {}
    std::string name() const override { return name_; }
    Scope scope() const override { return Scope::block; }
    std::vector<Field> reads() const override { return {Field::vis}; }
    std::vector<Field> writes() const override { return {}; }
    void run(VisBlock& block, GroupState&) override
    {
        for (Index b = 0; b < block.n_baselines(); ++b) sum_ += block.vis(0, b, 0, 0).re;
    }
    std::string name_;
    double& sum_;
};

struct Line : Pass {
    explicit Line(double& seen, double const& sum, bool fail) : seen_(seen), sum_(sum), fail_(fail) {}
    std::string name() const override { return "line"; }
    Scope scope() const override { return Scope::group; }
    std::vector<Field> reads() const override { return {Field::counts}; }
    std::vector<Field> writes() const override { return {}; }
    void run(GroupState&) override
    {
        if (fail_) throw Error(Code::bad_input, "nothing to see", "a test", "none");
        seen_ = sum_;
    }
    double& seen_;
    double const& sum_;
    bool fail_;
};

MpiScope& mpi()
{
    static MpiScope scope;
    return scope;
}

struct Result {
    double first = 0, at_line = 0, second = 0;
    Index used = 0;
    int loads = 0;
};

Result travel(Index span, bool fail = false, std::function<bool()> stop = {})
{
    mpi();
    Result result;
    FixedSource source(span);
    GroupState state;
    state.header = source.header();
    state.device = make_device("kokkos");
    Ledger ledger;
    auto const world = Ranks::world();
    GroupRun run{{}, world, ledger, 2, std::move(stop)};
    run.passes.push_back(std::make_unique<Doubles>());
    run.passes.push_back(std::make_unique<Sums>("first", result.first));
    run.passes.push_back(std::make_unique<Line>(result.at_line, result.first, fail));
    run.passes.push_back(std::make_unique<Sums>("second", result.second));
    run_group(std::move(run), source, state);
    result.used = state.counts.used;
    result.loads = source.loads;
    return result;
}

TEST(RunGroup, a_group_in_memory_is_read_once)
{
    auto const result = travel(6);
    EXPECT_EQ(result.at_line, 30);
    EXPECT_EQ(result.second, 30);
    EXPECT_EQ(result.used, 6);
    EXPECT_EQ(result.loads, 1);
}

TEST(RunGroup, spans_give_the_same_and_count_once)
{
    auto const result = travel(4);
    EXPECT_EQ(result.at_line, 30);
    EXPECT_EQ(result.second, 30);
    EXPECT_EQ(result.used, 6);
    EXPECT_EQ(result.loads, 4);
}

TEST(RunGroup, an_error_ends_the_group)
{
    try {
        travel(6, true);
        FAIL() << "no error";
    } catch (Error const& error) {
        EXPECT_EQ(error.code(), Code::bad_input);
    }
}

/// A long pass of a group: it lives as long as nobody asks it to stop.
struct Long : Pass {
    std::string name() const override { return "long"; }
    Scope scope() const override { return Scope::group; }
    std::vector<Field> reads() const override { return {}; }
    std::vector<Field> writes() const override { return {}; }
    void run(GroupState& state) override
    {
        for (int cycle = 0; cycle < 10; ++cycle)
            state.exchange->together([&] { state.exchange->pulse("long, cycle " + std::to_string(cycle)); });
        ended = true;
    }
    bool ended = false;
};

TEST(RunGroup, a_long_pass_says_where_it_stands_and_is_dropped_within)
{
    mpi();
    for (bool const stop : {false, true}) {
        FixedSource source(6);
        GroupState state;
        state.header = source.header();
        state.device = make_device("kokkos");
        Ledger ledger;
        auto const world = Ranks::world();
        std::vector<std::string> said;
        GroupRun run{{}, world, ledger, 2, [&] { return stop && said.size() == 4; }};
        run.pulse = [&](std::string const& where) { said.push_back(where); };
        run.passes.push_back(std::make_unique<Long>());
        std::optional<Error> error;
        try {
            run_group(std::move(run), source, state);
        } catch (Error const& thrown) {
            error = thrown;
        }
        EXPECT_EQ(error.has_value(), stop);
        EXPECT_TRUE(!error || error->code() == Code::transient);
        EXPECT_EQ(said.front(), "long");
        EXPECT_EQ(said.back(), stop ? "long, cycle 2" : "long, cycle 9");
    }
}

TEST(RunGroup, a_stop_signal_drops_it)
{
    try {
        travel(6, false, [] { return true; });
        FAIL() << "no error";
    } catch (Error const& error) {
        EXPECT_EQ(error.code(), Code::transient);
    }
}

}  // namespace
}  // namespace nocturne
