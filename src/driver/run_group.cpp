// The road. Block passes stream; a group pass is a line across: all ranks wait, combine what the blocks wrote, go on.
#include "driver/run_group.hpp"

#include "driver/attempt.hpp"
#include "driver/fault.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace nocturne {
namespace {

/// Block passes up to a line, and the group pass that stands on it (null after the last blocks).
struct Section {
    std::vector<Pass*> blocks;
    Pass* line = nullptr;
};

std::vector<Section> cut_into_sections(Passes const& passes)
{
    std::vector<Section> sections(1);
    for (auto const& pass : passes) {
        if (pass->scope() == Scope::block) {
            if (sections.back().line) sections.emplace_back();
            sections.back().blocks.push_back(pass.get());
        } else {
            if (sections.back().line) sections.emplace_back();
            sections.back().line = pass.get();
        }
    }
    return sections;
}

std::uint64_t bytes_of(VisBlock const& block) { return static_cast<std::uint64_t>(block.vis.size()) * sizeof(Vis); }

/// Fields that block passes write and that differ from rank to rank until they are combined.
std::set<Field> to_combine(Section const& section)
{
    std::set<Field> fields;
    for (auto const* pass : section.blocks)
        for (Field field : pass->writes())
            if (field == Field::density || field == Field::nodes || field == Field::counts) fields.insert(field);
    return fields;
}

class Road {
public:
    Road(GroupRun& run, BlockSource& source, GroupState& state)
        : run_(run),
          source_(source),
          state_(state),
          first_(share_border(run.team.rank())),
          n_(share_border(run.team.rank() + 1) - first_)
    {}

    void travel()
    {
        for (auto& pass : run_.passes) together([&] { timed(pass->name(), 0, [&] { prepare(*pass); }); });
        for (auto const& section : cut_into_sections(run_.passes)) {
            if (!section.blocks.empty()) {
                together([&] { stream(section); });
                timed("combine", 0, [&] { combine(to_combine(section)); });
                passed_.insert(passed_.end(), section.blocks.begin(), section.blocks.end());
            }
            if (section.line)
                together([&] {
                    beat(section.line->name());
                    timed(section.line->name(), 0, [&] { section.line->run(state_); });
                });
        }
    }

private:
    void prepare(Pass& pass)
    {
        fail_on_request(pass.name());
        pass.prepare(state_);
    }

    Index share_border(int rank) const
    {
        return static_cast<Index>(source_.header().baselines.size()) * rank / run_.team.size();
    }

    /// Runs `work` on this rank; if it failed on any, all ranks of the team throw the same error.
    template<class Work>
    void together(Work const& work)
    {
        run_.team.agree(attempt(work));
    }

    template<class Work>
    void timed(std::string const& name, std::uint64_t bytes, Work const& work)
    {
        Stopwatch watch;
        within("stage " + name, [&] {
            work();
            finish(state_.device);
        });
        run_.ledger.add(name, watch.seconds(), bytes);
    }

    /// Counts of an earlier section are whole already: every rank has them, and they may enter the sum once.
    void combine(std::set<Field> const& fields)
    {
        auto account = counted_ ? std::exchange(state_.flag_account, {}) : std::nullopt;
        for (Field field : fields) run_.team.combine(field, state_);
        if (counted_) state_.flag_account = std::move(account);
        if (!fields.count(Field::counts)) return;
        Index const again = run_.team.size() - 1;
        state_.counts.used -= again * whole_.used;
        for (std::size_t k = 0; k < std::size(whole_.by_reason); ++k)
            state_.counts.by_reason[k] -= again * whole_.by_reason[k];
        whole_ = state_.counts;
        counted_ = true;
    }

    /// All blocks of this rank's baselines through the passes of one section. A span that is the whole share stays in memory
    /// from section to section; several spans are read again, and earlier passes brought up to date without counting twice.
    void stream(Section const& section)
    {
        Index const span = std::max<Index>(1, std::min(n_, source_.span_baselines()));
        bool const resident = span == n_;
        for (Index done = 0; done < n_; done += span) {
            bool const fresh = !resident || passed_.empty();
            if (fresh) load(first_ + done, std::min(span, n_ - done));
            if (fresh && !passed_.empty()) replay();
            for_each_block(section.blocks);
        }
    }

    void load(Index first, Index n)
    {
        weights_.clear();
        auto const before = source_.bytes_read();
        Stopwatch watch;
        within("stage read", [&] {
            span_ = source_.load(first, n);
            finish(state_.device);
        });
        run_.ledger.add("read", watch.seconds(), source_.bytes_read() - before);
    }

    void replay()
    {
        auto const counts = state_.counts;
        std::vector<Pass*> again;
        for (auto* pass : passed_)
            for (Field field : pass->writes())
                if ((field == Field::vis || field == Field::flag || field == Field::uvw) &&
                    (again.empty() || again.back() != pass))
                    again.push_back(pass);
        for_each_block(again);
        state_.counts = counts;
    }

    void beat(std::string const& where) const { state_.exchange->pulse(where); }

    void for_each_block(std::vector<Pass*> const& passes)
    {
        for (Index b = 0; b < span_.n_baselines(); b += run_.block_baselines) {
            beat((passes.empty() ? "read" : passes.back()->name()) + ", baseline " +
                 std::to_string(span_.first_baseline + b - first_) + " of " + std::to_string(n_));
            auto block = span_.baselines(b, std::min(run_.block_baselines, span_.n_baselines() - b));
            if (auto const scaled = weights_.find(b); scaled != weights_.end()) block.weight = scaled->second;
            for (auto* pass : passes) timed(pass->name(), bytes_of(block), [&] { pass->run(block, state_); });
            weights_[b] = block.weight;
        }
    }

    GroupRun& run_;
    BlockSource& source_;
    GroupState& state_;
    Index first_, n_;  ///< this rank's baselines
    VisBlock span_;
    std::map<Index, View<float const, 4>> weights_;  ///< by first baseline in the span: as the last pass left them
    bool counted_ = false;
    SampleCount whole_;          ///< of all ranks, after the last section that counted
    std::vector<Pass*> passed_;  ///< block passes of earlier sections
};

}  // namespace

namespace {

/// What a pass per group may ask of the ranks of the team.
class TeamExchange : public Exchange {
public:
    TeamExchange(GroupRun const& run, std::string group_id) : team_(run.team), run_(run), group_id_(std::move(group_id))
    {}
    void together(std::function<void()> const& work) const override { team_.agree(attempt(work)); }
    void merge(std::vector<Vis>& values) const override { team_.merge(values); }
    void merge(std::vector<float>& values) const override { team_.merge(values); }
    void deal(std::vector<float>& pieces, std::vector<std::size_t> const& counts,
              std::vector<float>& dealt) const override
    {
        team_.deal(pieces, counts, dealt);
    }
    void sum(std::vector<std::int64_t>& values) const override { team_.sum(values); }
    void sum(Buffer<std::int64_t>& values) const override { team_.sum(values); }
    void pulse(std::string const& where) const override
    {
        if (run_.stop_requested && run_.stop_requested())
            throw Error(Code::transient, "group " + group_id_ + " was dropped", "a signal asked to stop",
                        "run the same command again");
        if (run_.pulse) run_.pulse(where);
    }

private:
    Ranks const& team_;
    GroupRun const& run_;
    std::string group_id_;
};

}  // namespace

void run_group(GroupRun run, BlockSource& source, GroupState& state)
{
    state.share = {run.team.rank(), run.team.size()};
    state.exchange = std::make_shared<TeamExchange>(run, state.header.group_id);
    Road(run, source, state).travel();
    state.exchange = std::make_shared<Exchange>();
}

}  // namespace nocturne
