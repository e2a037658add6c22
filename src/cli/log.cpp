#include "cli/log.hpp"

#include "driver/error_report.hpp"
#include "driver/home.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>

namespace nocturne::cli {
namespace {

/// The message without the home directory; as a JSON string where that is wanted: a path may hold quotes, backslashes and line feeds.
class LogText : public spdlog::custom_flag_formatter {
public:
    explicit LogText(bool json) : json_(json) {}
    void format(spdlog::details::log_msg const& line, std::tm const&, spdlog::memory_buf_t& out) override
    {
        auto text = without_home({line.payload.data(), line.payload.size()});
        if (json_) text = nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
        out.append(text.data(), text.data() + text.size());
    }
    std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<LogText>(json_); }

private:
    bool json_;
};

}  // namespace

void set_up_log(Globals const& globals)
{
    auto logger = spdlog::stderr_color_mt("nocturne");
    char const* const no_colour = std::getenv("NO_COLOR");
    if (no_colour && *no_colour != '\0') {
        auto sink = std::dynamic_pointer_cast<spdlog::sinks::stderr_color_sink_mt>(logger->sinks().front());
        if (sink) sink->set_color_mode(spdlog::color_mode::never);
    }
    auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
    bool const json = globals.log_format == "json";
    formatter->add_flag<LogText>('*', json);
    formatter->set_pattern(json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":%*})"
                                : "%^%L%$ %H:%M:%S %*");
    logger->set_formatter(std::move(formatter));
    logger->set_level(globals.quiet ? spdlog::level::err : spdlog::level::info);
    spdlog::set_default_logger(logger);
    if (json) set_error_line(ErrorLine::log);
}

}  // namespace nocturne::cli
