#include "driver/ms_write_child.hpp"

#include "driver/error_json.hpp"
#include "driver/ms_request_json.hpp"
#include "driver/parent_link.hpp"
#include "io/ms_create.hpp"
#include "io/ms_readback.hpp"

#include <malloc.h>

namespace nocturne {
namespace {

using Json = nlohmann::json;

class Maker {
public:
    Json answer(Json const& question)
    {
        if (question.at("do") == "create") {
            path_ = question.at("path");
            request_ = ms_request_from_json(question.at("request"));
            create_measurement_set(path_, request_);
            return Json::object();
        }
        if (question.at("do") == "read_carried") {
            read_what_is_carried(ms_request_from_json(question.at("request")));
            return Json::object();
        }
        auto const back = read_back(path_, request_, ms_samples_from_json(question.at("samples")));
        return {{"rows", back.rows}, {"bytes_compared", back.bytes_compared}};
    }

private:
    std::string path_;
    MsRequest request_;
};

}  // namespace

int serve_measurement_set_writer()
{
    auto parent = ParentLink::begin();
    mallopt(M_PERTURB, 0xff);  // new memory is zeros: casacore writes whole tiles, and what lay beyond the last row
    Maker maker;
    while (auto message = parent.receive()) {
        Json reply;
        try {
            reply = maker.answer(Json::parse(message->text));
        } catch (Error const& error) {
            reply = {{"error", to_json(error)}};
        } catch (std::exception const& error) {
            reply = {{"error", to_json(Error(Code::defect, "cannot make a Measurement Set", error.what(),
                                             "report this as a defect, with the command line"))}};
        }
        if (!parent.send(reply.dump(-1, ' ', false, Json::error_handler_t::replace))) break;
    }
    return 0;
}

}  // namespace nocturne
