#include "stages/image/plan.hpp"

#include "nocturne/units.hpp"
#include "stages/image/chebyshev.hpp"
#include "stages/image/matrices.hpp"
#include "stages/image/track.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nocturne {
namespace {

// Costs in units of gridding one node (about 60 ns on one core): a channel of a raw line is gridded along a run, and an
// operation of the projection counts twice for re and im and half again for the PSF.
constexpr double raw_point_cost = 0.6, operation_cost = 2.5 * 2e-4;
constexpr double too_dear = std::numeric_limits<double>::infinity();

/// Channels that averaging takes together at most.
constexpr Index averaged_channels = 48;

/// Mean of exp(iφ) over n samples that are `step` radians apart: what is left of a source (Dirichlet).
double left_of_source(int n, double step)
{
    double const half = 0.5 * step;
    if (n * half >= pi) return 0;
    return std::abs(half) < 1e-9 ? 1 : std::sin(n * half) / (n * std::sin(half));
}

/// What compression gets out of one time span of one baseline.
struct SpanExtent {
    double reach_m = 0;   ///< largest |b·x| over span and field
    double rate_m_s = 0;  ///< its largest change per second
};

/// Nodes of one span along time.
struct TimeNodes {
    std::vector<Uvw> uvw_m;
    std::vector<double> time_s;
};

/// How one span is compressed: nodes 0 = identity.
struct SpanChoice {
    double cost = too_dear;
    int time_nodes = 0;
    std::vector<int> freq_nodes;  ///< per frequency span
};

class Planner {
public:
    explicit Planner(PlanArgs const& args);
    NodePlan make();

private:
    struct Choice {
        double cost = too_dear;
        std::vector<AxisSpan> const* times = nullptr;
        std::vector<AxisSpan> const* channels = nullptr;
        std::vector<SpanChoice> spans;
    };
    void add_baseline(Index b);
    void add_span(Index b, AxisSpan times, std::vector<AxisSpan> const& channels, SpanChoice choice);
    void add_rect(NodeRect rect, AxisSpan channels, TimeNodes const& nodes);
    Choice choose(Index b) const;
    Choice averaged(Index b) const;
    SpanChoice averaged_span(AxisSpan times, SpanExtent const& extent) const;
    Choice compressed(Index b, std::vector<AxisSpan> const& times, std::vector<AxisSpan> const& channels) const;
    SpanChoice raw_or_time_only(AxisSpan times, SpanExtent const& extent) const;
    SpanChoice span_choice(AxisSpan times, std::vector<AxisSpan> const& channels, SpanExtent const& extent) const;
    SpanExtent extent(Index b, AxisSpan times) const;
    double rect_cost(AxisSpan times, int time_nodes, AxisSpan channels, int freq_nodes) const;
    double duration(AxisSpan times) const { return args_.time_s[last(times)] - args_.time_s[first(times)]; }
    double bandwidth(AxisSpan channels) const { return args_.freq_hz[last(channels)] - args_.freq_hz[first(channels)]; }
    int time_nodes(AxisSpan times, SpanExtent const& extent) const;
    TimeNodes mean_nodes(TimeNodes const& samples, AxisSpan times, int count) const;
    static std::size_t first(AxisSpan span) { return static_cast<std::size_t>(span.first); }
    static std::size_t last(AxisSpan span) { return static_cast<std::size_t>(span.first + span.n - 1); }

    PlanArgs const& args_;
    NodeCounts counts_;
    double depth_;  ///< largest 1 − n of the field
    std::vector<AxisSpan> whole_band_;
    std::vector<std::vector<AxisSpan>> time_cuts_, freq_cuts_;
    std::vector<AxisSpan> average_cuts_;
    NodePlan plan_;
    AxisMatrices channels_, times_;
};

Planner::Planner(PlanArgs const& args)
    : args_(args),
      counts_(args.epsilon),
      depth_(1 - std::sqrt(std::max(0.0, 1 - 2 * args.half_width * args.half_width))),
      channels_(args.freq_hz, plan_.matrices, args.averaging_loss > 0 ? NodeBasis::means : NodeBasis::lagrange),
      times_(args.time_s, plan_.matrices, args.averaging_loss > 0 ? NodeBasis::means : NodeBasis::lagrange)
{
    auto const n_times = static_cast<Index>(args.time_s.size()), n_channels = static_cast<Index>(args.freq_hz.size());
    whole_band_ = cut_axis(n_channels, 1);
    average_cuts_ = cut_axis(n_channels, static_cast<int>((n_channels + averaged_channels - 1) / averaged_channels));
    int const fewest = static_cast<int>((n_times + NodeRect::max_times - 1) / NodeRect::max_times);
    for (int cuts : {fewest, 2 * fewest})
        if (cuts == fewest || n_times / cuts >= 6) time_cuts_.push_back(cut_axis(n_times, cuts));
    for (int cuts = 1; cuts == 1 || (cuts <= 64 && n_channels / cuts >= 8); cuts *= 2)
        freq_cuts_.push_back(cut_axis(n_channels, cuts));
}

SpanExtent Planner::extent(Index b, AxisSpan times) const
{
    SpanExtent result;
    auto const weighted = [&](double u, double v, double w) {
        return (std::abs(u) + std::abs(v)) * args_.half_width + std::abs(w) * depth_;
    };
    auto const& uvw = args_.uvw_m;
    for (int t = times.first; t < times.first + times.n; ++t) {
        result.reach_m = std::max(result.reach_m, weighted(uvw(t, b, 0), uvw(t, b, 1), uvw(t, b, 2)));
        if (t == times.first) continue;
        double const step_s = args_.time_s[static_cast<std::size_t>(t)] - args_.time_s[static_cast<std::size_t>(t) - 1];
        double const moved =
            weighted(uvw(t, b, 0) - uvw(t - 1, b, 0), uvw(t, b, 1) - uvw(t - 1, b, 1), uvw(t, b, 2) - uvw(t - 1, b, 2));
        result.rate_m_s = std::max(result.rate_m_s, moved / step_s);
    }
    return result;
}

double Planner::rect_cost(AxisSpan times, int time_nodes, AxisSpan channels, int freq_nodes) const
{
    double const t = times.n, c = channels.n, pt = time_nodes ? time_nodes : t, pf = freq_nodes ? freq_nodes : c;
    double const along_freq = freq_nodes ? t * c * pf : 0, then_time = time_nodes ? t * pt * pf : 0;
    double operations = along_freq + then_time;
    if (time_nodes && freq_nodes) operations = std::min(operations, t * pt * c + pt * c * pf);
    return pt * pf * (freq_nodes ? 1 : raw_point_cost) + operations * operation_cost;
}

/// Nodes along time, 0 where compression cannot gain.
int Planner::time_nodes(AxisSpan times, SpanExtent const& extent) const
{
    if (args_.time_axis == TimeAxis::ragged) return 0;
    double const theta = pi * args_.freq_hz.back() / speed_of_light_m_s * extent.rate_m_s * duration(times);
    int const nodes = counts_(theta);
    return nodes < times.n ? nodes : 0;
}

SpanChoice Planner::span_choice(AxisSpan times, std::vector<AxisSpan> const& channels, SpanExtent const& extent) const
{
    SpanChoice plain{0, 0, {}}, both{0, time_nodes(times, extent), {}};
    for (auto const& span : channels) {
        int const nodes = counts_(pi * bandwidth(span) / speed_of_light_m_s * extent.reach_m);
        if (nodes == 0 || nodes > span.n) return {};
        plain.freq_nodes.push_back(nodes);
        plain.cost += rect_cost(times, 0, span, nodes);
        both.cost += rect_cost(times, both.time_nodes, span, nodes);
    }
    both.freq_nodes = plain.freq_nodes;
    return both.cost < plain.cost ? both : plain;
}

/// Channels as they are; along time compressed where that pays.
SpanChoice Planner::raw_or_time_only(AxisSpan times, SpanExtent const& extent) const
{
    SpanChoice plain{rect_cost(times, 0, whole_band_[0], 0), 0, {0}};
    if (args_.compression == Compression::off) return plain;
    int const nodes = time_nodes(times, extent);
    SpanChoice const both{rect_cost(times, nodes, whole_band_[0], 0), nodes, {0}};
    return both.cost < plain.cost ? both : plain;
}

Planner::Choice Planner::compressed(Index b, std::vector<AxisSpan> const& times,
                                    std::vector<AxisSpan> const& channels) const
{
    Choice choice{0, &times, &channels, {}};
    for (auto const& span : times) {
        choice.spans.push_back(span_choice(span, channels, extent(b, span)));
        choice.cost += choice.spans.back().cost;
    }
    return choice;
}

/// The block of samples that makes the fewest nodes, all of them within the loss at the highest frequency.
SpanChoice Planner::averaged_span(AxisSpan times, SpanExtent const& extent) const
{
    double channel_hz = 0, step_s = 0;
    for (std::size_t c = 1; c < args_.freq_hz.size(); ++c)
        channel_hz = std::max(channel_hz, args_.freq_hz[c] - args_.freq_hz[c - 1]);
    for (std::size_t t = first(times) + 1; t <= last(times); ++t)
        step_s = std::max(step_s, args_.time_s[t] - args_.time_s[t - 1]);
    double const per_metre = 2 * pi / speed_of_light_m_s, by_channel = per_metre * extent.reach_m * channel_hz,
                 by_time = per_metre * args_.freq_hz.back() * extent.rate_m_s * step_s;
    int const most_times = args_.time_axis == TimeAxis::ragged ? 1 : times.n;
    int const most_channels = static_cast<int>(averaged_channels);
    int best_times = 1, best_channels = 1;
    for (int t = 1; t <= most_times; ++t) {
        double const left = left_of_source(t, by_time);
        if (1 - left > args_.averaging_loss) break;
        int c = 1;
        while (c < most_channels && 1 - left * left_of_source(c + 1, by_channel) <= args_.averaging_loss) ++c;
        if (t * c > best_times * best_channels) best_times = t, best_channels = c;
    }
    auto const parts = [](int n, int block) { return block == 1 ? 0 : (n + block - 1) / block; };
    SpanChoice choice{0, parts(times.n, best_times), {}};
    for (auto const& span : average_cuts_) choice.freq_nodes.push_back(parts(span.n, best_channels));
    return choice;
}

Planner::Choice Planner::averaged(Index b) const
{
    Choice choice{0, time_cuts_.data(), &average_cuts_, {}};
    for (auto const& span : *choice.times) choice.spans.push_back(averaged_span(span, extent(b, span)));
    return choice;
}

Planner::Choice Planner::choose(Index b) const
{
    if (args_.averaging_loss > 0) return averaged(b);
    Choice best;
    if (args_.compression != Compression::off)
        for (auto const& times : time_cuts_)
            for (auto const& channels : freq_cuts_) {
                auto choice = compressed(b, times, channels);
                if (choice.cost < best.cost) best = std::move(choice);
            }
    if (args_.compression == Compression::on && best.cost < too_dear) return best;
    for (auto const& times : time_cuts_) {
        Choice choice{0, &times, &whole_band_, {}};
        for (auto const& span : times) {
            choice.spans.push_back(raw_or_time_only(span, extent(b, span)));
            choice.cost += choice.spans.back().cost;
        }
        if (choice.cost < best.cost) best = std::move(choice);
    }
    return best;
}

void Planner::add_rect(NodeRect rect, AxisSpan channels, TimeNodes const& nodes)
{
    auto const entry = channels_.find(channels, rect.freq_nodes);
    rect.freq_matrix = entry.offset;
    rect.freq_folded = entry.folded;
    rect.first_channel = channels.first;
    rect.n_channels = channels.n;
    if (rect.freq_nodes == 0) rect.freq_nodes = channels.n;
    rect.first_value = plan_.geometry.n_points;
    for (Index pt = 0; pt < rect.time_nodes; ++pt) {
        auto const& at = nodes.uvw_m[static_cast<std::size_t>(pt)];
        plan_.line_time_s.push_back(nodes.time_s[static_cast<std::size_t>(pt)]);
        plan_.geometry.lines.push_back(
            {{at[0], at[1], at[2]}, rect.first_value + pt * rect.freq_nodes, entry.first_node, rect.freq_nodes});
    }
    plan_.geometry.n_points += rect.n_values();
    plan_.rects.push_back(rect);
}

TimeNodes Planner::mean_nodes(TimeNodes const& samples, AxisSpan times, int count) const
{
    TimeNodes nodes{{}, mean_positions(args_.time_s, times, count)};
    for (auto const& part : cut_axis(times.n, count)) {
        Uvw sum{};
        for (int t = part.first; t < part.first + part.n; ++t)
            for (std::size_t axis = 0; axis < 3; ++axis)
                sum[axis] += samples.uvw_m[static_cast<std::size_t>(t)][axis] / part.n;
        nodes.uvw_m.push_back(sum);
    }
    return nodes;
}

void Planner::add_span(Index b, AxisSpan times, std::vector<AxisSpan> const& channels, SpanChoice choice)
{
    TimeNodes nodes;
    for (int t = times.first; t < times.first + times.n; ++t) {
        nodes.uvw_m.push_back({args_.uvw_m(t, b, 0), args_.uvw_m(t, b, 1), args_.uvw_m(t, b, 2)});
        nodes.time_s.push_back(args_.time_s[static_cast<std::size_t>(t)]);
    }
    if (choice.time_nodes > 0 && args_.averaging_loss > 0)
        nodes = mean_nodes(nodes, times, choice.time_nodes);
    else if (choice.time_nodes > 0) {
        auto const track = Track::fit(nodes.time_s, nodes.uvw_m);
        if (!track)
            choice.time_nodes = 0;
        else {
            nodes.time_s = chebyshev_nodes(choice.time_nodes, args_.time_s[first(times)], args_.time_s[last(times)]);
            nodes.uvw_m.clear();
            for (double t : nodes.time_s) nodes.uvw_m.push_back(track->at(t));
        }
    }
    NodeRect rect;
    rect.baseline = static_cast<std::int32_t>(b);
    rect.first_time = times.first;
    rect.n_times = times.n;
    auto const entry = times_.find(times, choice.time_nodes);
    rect.time_matrix = entry.offset;
    rect.time_folded = entry.folded;
    rect.time_nodes = choice.time_nodes ? choice.time_nodes : times.n;
    for (std::size_t s = 0; s < channels.size(); ++s) {
        rect.freq_nodes = choice.freq_nodes[s];
        add_rect(rect, channels[s], nodes);
    }
}

void Planner::add_baseline(Index b)
{
    auto const choice = choose(b);
    bool compressed = false;
    for (std::size_t s = 0; s < choice.spans.size(); ++s) {
        compressed |= choice.spans[s].freq_nodes[0] > 0 || choice.spans[s].time_nodes > 0;
        add_span(b, (*choice.times)[s], *choice.channels, choice.spans[s]);
    }
    plan_.n_raw_baselines += !compressed;
    plan_.n_visibilities += static_cast<Index>(args_.time_s.size() * args_.freq_hz.size());
}

NodePlan Planner::make()
{
    for (std::size_t b = 0; b < args_.baselines.size(); ++b) {
        plan_.first_rect.push_back(static_cast<Index>(plan_.rects.size()));
        plan_.first_value.push_back(plan_.geometry.n_points);
        if (args_.baselines[b].ant1 != args_.baselines[b].ant2) add_baseline(static_cast<Index>(b));
    }
    plan_.first_rect.push_back(static_cast<Index>(plan_.rects.size()));
    plan_.first_value.push_back(plan_.geometry.n_points);
    plan_.geometry.freq_hz = channels_.nodes();
    return std::move(plan_);
}

}  // namespace

NodePlan make_node_plan(PlanArgs const& args)
{
    NOCT_CHECK(!args.freq_hz.empty() && !args.time_s.empty(), "plan: a group without channels or integrations");
    NOCT_CHECK(args.uvw_m.extent[0] == static_cast<Index>(args.time_s.size()) &&
                   args.uvw_m.extent[1] == static_cast<Index>(args.baselines.size()) && args.uvw_m.extent[2] == 3,
               "plan: uvw_m is not [integration][baseline][3]");
    if (!(args.half_width > 0 && 2 * args.half_width * args.half_width < 1))
        throw Error(Code::bad_config, "the image does not fit on the sky",
                    "its corner is " + std::to_string(args.half_width * std::sqrt(2.0)) +
                        " from the centre, in direction cosines",
                    "choose a smaller --imsize or --cell");
    if (!(args.epsilon > 0))
        throw Error(Code::bad_config, "no compression to an error of " + std::to_string(args.epsilon),
                    "it must be positive", "set --epsilon between 1e-2 and 1e-6");
    return Planner(args).make();
}

}  // namespace nocturne
