#include "driver/batch_script.hpp"

#include "driver/shell_words.hpp"
#include "nocturne/error.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>

namespace nocturne {
namespace {

bool fits_slurm(char c)
{
    return (c > ' ' && c <= '~' && std::isalnum(static_cast<unsigned char>(c)) != 0) ||
           std::string("_.,:=/@+%-*[]()&|!~^").find(c) != std::string::npos;
}

std::string exported(std::string const& name, std::string const& value)
{
    return value.empty() ? "" : "export " + name + "=" + script_word(value) + "\n";
}

/// Seconds before the time limit at which a run is asked to end: two minutes, less where the limit itself is short.
std::int64_t warning_s(std::vector<std::string> const& options)
{
    std::optional<std::int64_t> limit_s;
    for (auto const& option : options)
        if (option.starts_with("--time=")) limit_s = slurm_seconds(option.substr(7));
    return limit_s ? std::clamp<std::int64_t>(*limit_s / 4, 10, 120) : 120;
}

/// "1:30" as its numbers; none where one of them is no number.
std::vector<std::int64_t> numbers_between_colons(std::string const& text)
{
    std::vector<std::int64_t> numbers;
    std::istringstream parts(text + ":");
    for (std::string part; std::getline(parts, part, ':');) {
        if (part.empty() || part.size() > 9 || part.find_first_not_of("0123456789") != std::string::npos) return {};
        numbers.push_back(std::stoll(part));
    }
    return numbers;
}

}  // namespace

std::optional<std::int64_t> slurm_seconds(std::string const& time)
{
    auto const dash = time.find('-');
    bool const days = dash != std::string::npos;
    auto fields = numbers_between_colons(days ? time.substr(dash + 1) : time);
    auto const before = days ? numbers_between_colons(time.substr(0, dash)) : std::vector<std::int64_t>{0};
    if (fields.empty() || fields.size() > 3 || before.size() != 1) return std::nullopt;
    if (!days && fields.size() < 3) fields.insert(fields.begin(), 0);  // minutes come first
    fields.resize(3);
    auto const all = 86400 * before[0] + 3600 * fields[0] + 60 * fields[1] + fields[2];
    return all > 0 ? std::optional(all) : std::nullopt;  // 0: no limit
}

void check_slurm_option(std::string const& option)
{
    auto const says = [&](std::string const& reason) {
        throw Error(Code::usage, "option of Slurm " + bash_word(without_password(option)), reason,
                    "write --NAME=VALUE, as in --partition=gpu; see man sbatch");
    };
    if (option.size() < 3 || option.compare(0, 2, "--") != 0 || option[2] == '-' || option[2] == '=')
        says("it does not begin with --NAME");
    if (!std::all_of(option.begin(), option.end(), fits_slurm))
        says("it holds characters that no #SBATCH line can take as they are");
}

std::string slurm_name(std::string const& text)
{
    std::string name = text;
    std::replace_if(
        name.begin(), name.end(), [](char c) { return !fits_slurm(c) || c == '/' || c == '%'; }, '_');
    return name;
}

std::string to_text(BatchScript const& script)
{
    std::string text = "#!/usr/bin/env bash\n#SBATCH --job-name=" + slurm_name(script.job_name) + "\n";
    text += "#SBATCH --requeue\n#SBATCH --open-mode=append\n";
    text += "#SBATCH --signal=USR1@" + std::to_string(warning_s(script.options)) + "\n";
    for (auto const& option : script.options) text += "#SBATCH " + option + "\n";  // the later of two counts
    text += "# Written by nocturne submit. Values are quoted: what looks like a command in them is text.\n";
    text += "# shellcheck disable=SC2016,SC2088\n";
    text += exported("NOCTURNE", script.program) + exported("NOCTURNE_CLUSTER", script.cluster) +
            exported("NOCTURNE_SCRIPT", script.path) + exported("NOCTURNE_RUN_ID", script.run_id);
    if (script.secret_database)
        text +=
            "# The address of the database has a password, so it does not stand here.\n"
            "[ -n \"${NOCTURNE_DB:-}\" ] || { echo 'NOCTURNE_DB did not come with the job: submit it without "
            "--export=NONE' >&2; exit 78; }\n";
    text += "arguments=(";
    for (auto const& word : script.arguments) text += "\n    " + script_word(word);
    return text + ")\nexec bash " + script_word(script.launcher) + " \"${arguments[@]}\"\n";
}

}  // namespace nocturne
