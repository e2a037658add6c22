#include "driver/error_report.hpp"

#include "driver/home.hpp"

#include <spdlog/spdlog.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <cstdio>

#include <unistd.h>

namespace nocturne {
namespace {

std::atomic<ErrorForm> chosen_form = ErrorForm::text;
std::atomic<ErrorLine> chosen_line = ErrorLine::plain;

char const* name_of(Code code)
{
    switch (code) {
        case Code::defect:
            return "defect";
        case Code::qa_fail:
            return "qa_fail";
        case Code::usage:
            return "usage";
        case Code::bad_input:
            return "bad_input";
        case Code::input_missing:
            return "input_missing";
        case Code::unavailable:
            return "unavailable";
        case Code::system:
            return "system";
        case Code::cannot_create:
            return "cannot_create";
        case Code::io:
            return "io";
        case Code::transient:
            return "transient";
        case Code::bad_config:
            return "bad_config";
    }
    return "defect";
}

}  // namespace

void set_error_form(ErrorForm form) { chosen_form = form; }
void set_error_line(ErrorLine line) { chosen_line = line; }

nlohmann::ordered_json describe_error(Error const& error)
{
    return {{"code", exit_code(error.code())}, {"name", name_of(error.code())}, {"problem", error.problem()},
            {"reason", error.reason()},        {"what_to_do", error.advice()},  {"context", error.context()},
            {"message", error.what()}};
}

void print_error_document(Error const& error)
{
    if (chosen_form.exchange(ErrorForm::text) == ErrorForm::text) return;
    nlohmann::ordered_json const document{{"error", describe_error(error)}};
    auto const text =
        document.dump(isatty(STDOUT_FILENO) ? 2 : -1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    std::printf("%s\n", text.c_str());
    std::fflush(stdout);
}

int tell(Error const& error)
{
    if (chosen_line == ErrorLine::log)
        spdlog::error("{}", error.what());
    else
        std::fprintf(stderr, "nocturne: %s\n", without_home(error.what()).c_str());
    print_error_document(error);
    return exit_code(error.code());
}

}  // namespace nocturne
