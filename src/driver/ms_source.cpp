// Enters: a Measurement Set. Leaves: spans on the device. Two slots of shared memory: the child fills one while the other is
// used.
#include "driver/ms_source.hpp"

#include "driver/error_json.hpp"
#include "driver/header_json.hpp"
#include "driver/ms_facts_json.hpp"
#include "driver/ms_geometry.hpp"
#include "sky/telescope.hpp"

#include <algorithm>
#include <cstring>

namespace nocturne {
namespace {

constexpr double read_patience_s = 600;  // for one span, or for opening, from a slow file system
constexpr std::uint64_t child_memory_bytes = std::uint64_t(4) << 30;

class MsSource : public BlockSource {
public:
    MsSource(SourceOptions const& options, Device const& device)
        : device_(device),
          memory_bytes_(options.memory_bytes),
          has_model_(!options.ms.model.empty()),
          child_(options.paths.front(), options.ms),
          header_(child_.header())
    {
        if (!options.group_id.empty()) header_.group_id = options.group_id;
        apply(find_telescope(header_.site.telescope_name), header_);
        if (auto const note = choose_times(header_); !note.empty())
            notes_.push_back(options.paths.front() + ": " + note);
        if (auto const note = use_file_w(header_); !note.empty()) notes_.push_back(options.paths.front() + ": " + note);
        for (auto const& note : child_.notes()) notes_.push_back(options.paths.front() + ": " + note);
    }

    GroupHeader const& header() const override { return header_; }
    std::vector<std::string> notes() const override { return notes_; }
    std::uint64_t bytes_read() const override { return bytes_; }

    Index span_baselines() const override
    {
        auto const one = slot(1).samples() * ((has_model_ ? 2 : 1) * sizeof(Vis) + sizeof(float) + 1) * 2;
        return std::clamp<Index>(static_cast<Index>(memory_bytes_ / std::max<std::size_t>(1, one)), 1,
                                 std::max<Index>(1, std::ssize(header_.baselines)));
    }

    VisBlock load(Index first, Index n) override
    {
        make_room(n);
        if (!(under_way_ && under_way_->first == first && under_way_->n == n)) {
            wait();
            start({first, n, 1 - used_});
        }
        auto const here = *under_way_;
        wait();
        used_ = here.slot;
        note_range(first, n);
        prefetch(first, n);
        return block(here);
    }

private:
    struct Span {
        Index first, n;
        int slot;
    };

    MsSlot slot(Index n) const { return MsSlot::of(header_, n, {child_.constant_weight() == 0, has_model_}); }

    void make_room(Index n)
    {
        auto const wanted = slot(n).bytes();
        if (wanted <= slot_bytes_) return;
        wait();
        slot_bytes_ = wanted;
        slots_ = n == std::ssize(header_.baselines) ? 1 : 2;  // the whole group at once: nothing to read ahead
        memory_ = SharedMemory::create("nocturne-ms", slot_bytes_ * static_cast<std::size_t>(slots_));
        child_.share(memory_);
        used_ = 1;
    }

    void start(Span span)
    {
        if (slots_ == 1) span.slot = 0;
        child_.begin(span.first, span.n, static_cast<std::size_t>(span.slot) * slot_bytes_);
        under_way_ = span;
    }

    void wait()
    {
        if (!under_way_) return;
        under_way_.reset();
        bytes_ += child_.finish();
    }

    /// The range of baselines that is asked for, as far as it is known: its first, and the length of a whole span.
    void note_range(Index first, Index n)
    {
        if (!begin_ || first < *begin_) begin_ = first;
        span_ = std::max(span_, n);
    }

    /// The span that will probably be asked for next: the one behind; after a short one, which is the last, the first again.
    void prefetch(Index first, Index n)
    {
        if (slots_ == 1) return;
        Index const next = n < span_ ? *begin_ : first + n;
        Index const left = std::ssize(header_.baselines) - next;
        if (left > 0 && next != first) start({next, std::min(span_, left), 1 - used_});
    }

    VisBlock block(Span const& span)
    {
        auto const shape = slot(span.n);
        auto const from =
            shape.views(static_cast<std::byte*>(memory_.data()) + static_cast<std::size_t>(span.slot) * slot_bytes_);
        auto const [nt, nb, nc, np] =
            std::array{shape.n_integrations, shape.n_baselines, shape.n_channels, shape.n_correlations};
        grow(uvw_, nt * nb * 3);
        VisBlock block{span.first, from.vis, from.flag, from.weight, uvw_.view(nt, nb, 3)};
        block.model = from.model;
        if (!is_host(device_)) {
            block.vis = upload(vis_, from.vis);
            if (has_model_) block.model = upload(model_, from.model);
            block.flag = upload(flag_, from.flag);
            if (shape.has_weight) block.weight = upload(weight_, from.weight);
        }
        if (!shape.has_weight) {
            if (one_weight_.size() == 0) one_weight_ = to_device(device_, std::vector<float>{child_.constant_weight()});
            block.weight = make_constant_view<float const>(one_weight_.data(), nt, nb, nc, np);
        }
        return block;
    }

    template<class T>
    void grow(Buffer<T>& buffer, Index n)
    {
        if (buffer.size() < n) buffer = Buffer<T>(device_, n);
    }

    template<class T>
    View<T, 4> upload(Buffer<T>& buffer, View<T, 4> const& from)
    {
        grow(buffer, from.size());
        std::visit(
            [&](auto const& d) {
                copy_in(d, buffer.data(), from.data, static_cast<std::size_t>(from.size()) * sizeof(T));
            },
            device_);
        return make_view(buffer.data(), from.extent[0], from.extent[1], from.extent[2], from.extent[3]);
    }

    Device device_;
    std::uint64_t memory_bytes_;
    bool has_model_;
    MsChild child_;
    GroupHeader header_;
    SharedMemory memory_;
    std::size_t slot_bytes_ = 0;
    int slots_ = 2, used_ = 1;
    std::optional<Span> under_way_;
    std::optional<Index> begin_;
    Index span_ = 0;
    std::uint64_t bytes_ = 0;
    Buffer<Vis> vis_, model_;
    Buffer<std::uint8_t> flag_;
    Buffer<float> weight_, one_weight_;
    Buffer<double> uvw_;
    std::vector<std::string> notes_;
};

}  // namespace

MsChild::MsChild(std::string path) : path_(std::move(path))
{
    ChildOptions how;
    how.words = {"ms-read-child"};
    how.purpose = "reader of Measurement Sets";
    how.memory_bytes = child_memory_bytes;
    child_ = std::make_unique<Child>(std::move(how));
}

MsFacts MsChild::facts(std::string const& path)
{
    return facts_from_json(MsChild(path).ask({{"do", "facts"}, {"path", path}}).at("facts"));
}

MsChild::MsChild(std::string path, MsOptions const& options) : MsChild(std::move(path))
{
    auto const reply = ask({{"do", "open"},
                            {"path", path_},
                            {"column", options.column},
                            {"field", options.field},
                            {"spw", options.spw},
                            {"model", options.model}});
    header_ = header_from_json(reply.at("header"));
    constant_weight_ = reply.at("constant_weight");
    notes_ = reply.at("notes").get<std::vector<std::string>>();
    auto const& sizes = reply.at("lists");
    take_lists({sizes.at(0), sizes.at(1), sizes.at(2), sizes.at(3), sizes.at(4), sizes.at(5), sizes.at(6)});
}

void MsChild::take_lists(MsLists const& lists)
{
    if (lists.bytes() == 0) return;
    auto const memory = SharedMemory::create("nocturne-ms-rows", lists.bytes());
    ask({{"do", "lists"}}, memory.descriptor());
    auto const* at = static_cast<std::byte const*>(memory.data());
    auto const take = [&at](auto& list, std::size_t n) {
        list.resize(n);
        if (n) std::memcpy(list.data(), at, n * sizeof(list[0]));
        at += n * sizeof(list[0]);
    };
    take(header_.file_uvw_m, lists.n_uvw);
    auto set = *header_.set;
    take(header_.exposure_s, lists.n_exposure);
    take(header_.offset_s, lists.n_offset);
    take(set.row_of, lists.n_row_of);
    take(header_.moment_of, lists.n_moment_of);
    take(header_.present, lists.n_present);
    take(set.turned, lists.n_turned);
    header_.set = std::make_shared<SetLayout>(std::move(set));
}

void MsChild::share(SharedMemory const& memory) { ask({{"do", "memory"}}, memory.descriptor()); }

void MsChild::begin(Index first, Index n, std::size_t at)
{
    talk([&] {
        child_->send(nlohmann::json{{"do", "read"}, {"first", first}, {"n", n}, {"at", at}}.dump(), read_patience_s);
        return nlohmann::json();
    });
}

std::uint64_t MsChild::finish()
{
    return talk([&] { return listen(); }).at("bytes");
}

nlohmann::json MsChild::ask(nlohmann::json const& request, int attached)
{
    return talk([&] {
        child_->send(request.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), read_patience_s, attached);
        return listen();
    });
}

nlohmann::json MsChild::listen()
{
    auto const text = child_->receive(read_patience_s);
    if (!text) {
        child_->kill();
        throw Error(Code::bad_input, "cannot read Measurement Set " + path_,
                    "its reader said nothing for " + std::to_string(static_cast<int>(read_patience_s)) + " s",
                    "copy it to a faster disk, or repair it with the program that wrote it");
    }
    auto reply = nlohmann::json::parse(*text);
    if (reply.contains("error")) throw error_from_json(reply.at("error"));
    return reply;
}

/// A child that died did so over what it read.
nlohmann::json MsChild::talk(std::function<nlohmann::json()> const& work)
{
    try {
        return work();
    } catch (ChildError const& error) {
        if (error.kind() == ChildError::Kind::not_started) throw;
        throw Error(Code::bad_input, "cannot read Measurement Set " + path_,
                    "casacore gave up over it: " + error.reason(),
                    "copy it again, or repair it with the program that wrote it");
    }
}

GroupHeader ms_header(std::string const& path, MsOptions const& options) { return MsChild(path, options).header(); }

std::unique_ptr<BlockSource> open_measurement_set(SourceOptions const& options, Device const& device)
{
    return std::make_unique<MsSource>(options, device);
}

MsOptions ms_options(Job const& job)
{
    MsOptions options;
    for (auto const& task : job.tasks) {
        if (task.stage->name == "solve") options.model = task.params.text("model-column");
        if (task.stage->name != "read") continue;
        options.column = task.params.text("column");
        options.field = task.params.text("field");
        options.spw = task.params.text("windows");
    }
    return options;
}

}  // namespace nocturne
