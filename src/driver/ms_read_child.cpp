#include "driver/ms_read_child.hpp"

#include "driver/error_json.hpp"
#include "driver/header_json.hpp"
#include "driver/ms_facts_json.hpp"
#include "driver/ms_slot.hpp"
#include "driver/parent_link.hpp"
#include "driver/shared_memory.hpp"

#include <cstring>
#include <memory>
#include <new>

namespace nocturne {
namespace {

using Json = nlohmann::json;

class Server {
public:
    Json answer(Json const& request, Descriptor memory)
    {
        std::string const what = request.at("do");
        if (what == "open") return open(request);
        if (what == "facts") return {{"facts", to_json(read_ms_facts(request.at("path")))}};
        if (what == "lists") return copy_lists(SharedMemory::map(std::move(memory)));
        if (what == "memory") {
            memory_ = SharedMemory::map(std::move(memory));
            return Json::object();
        }
        return read(request);
    }

private:
    Json open(Json const& request)
    {
        MsOptions const options{request.at("column"), request.at("field"), request.at("spw"), request.at("model")};
        reader_ = std::make_unique<MsReader>(request.at("path").get<std::string>(), options);
        has_model_ = !options.model.empty();
        auto header = reader_->header();
        auto const lists = MsLists::of(header);
        header.file_uvw_m.clear();
        header.exposure_s.clear();
        header.offset_s.clear();
        header.moment_of.clear();
        header.present.clear();
        auto set = *header.set;
        set.row_of.clear();
        set.turned.clear();
        header.set = std::make_shared<SetLayout>(std::move(set));
        return {{"header", to_json(header)},
                {"lists",
                 {lists.n_uvw, lists.n_exposure, lists.n_row_of, lists.n_moment_of, lists.n_present, lists.n_turned,
                  lists.n_offset}},
                {"constant_weight", reader_->constant_weight()},
                {"notes", reader_->notes()}};
    }

    Json copy_lists(SharedMemory const& to) const
    {
        auto const& header = reader_->header();
        NOCT_CHECK(to.size() >= MsLists::of(header).bytes(), "memory for the lists is too small");
        auto* at = static_cast<std::byte*>(to.data());
        auto const put = [&at](auto const& list) {
            if (list.empty()) return;
            std::memcpy(at, list.data(), list.size() * sizeof(list[0]));
            at += list.size() * sizeof(list[0]);
        };
        put(header.file_uvw_m);
        put(header.exposure_s);
        put(header.offset_s);
        put(header.set->row_of);
        put(header.moment_of);
        put(header.present);
        put(header.set->turned);
        return Json::object();
    }

    Json read(Json const& request)
    {
        Index const first = request.at("first"), n = request.at("n");
        std::size_t const at = request.at("at");
        auto const slot = MsSlot::of(reader_->header(), n, {reader_->constant_weight() == 0, has_model_});
        NOCT_CHECK(at + slot.bytes() <= memory_.size(), "a span does not fit its memory");
        auto const before = reader_->bytes_read();
        reader_->read(first, n, slot.views(static_cast<std::byte*>(memory_.data()) + at));
        return {{"bytes", reader_->bytes_read() - before}};
    }

    std::unique_ptr<MsReader> reader_;
    bool has_model_ = false;
    SharedMemory memory_;
};

}  // namespace

int serve_measurement_set()
{
    auto parent = ParentLink::begin();
    Server server;
    while (auto message = parent.receive()) {
        Json reply;
        try {
            reply = server.answer(Json::parse(message->text), std::move(message->descriptor));
        } catch (Error const& error) {
            reply = {{"error", to_json(error)}};
        } catch (std::bad_alloc const&) {
            reply = {{"error", to_json(Error(Code::bad_input, "cannot read the Measurement Set",
                                             "it asks for more memory than a reader may have",
                                             "split it, or repair it with the program that wrote it"))}};
        } catch (std::exception const& error) {
            reply = {{"error", to_json(Error(Code::bad_input, "cannot read the Measurement Set", error.what(),
                                             "repair it with the program that wrote it"))}};
        }
        if (!parent.send(reply.dump(-1, ' ', false, Json::error_handler_t::replace))) break;
    }
    return 0;
}

}  // namespace nocturne
