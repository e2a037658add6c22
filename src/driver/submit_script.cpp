// Several jobs in one script: given to sbatch, it would be the first of them alone.
#include "driver/shell_words.hpp"
#include "driver/submit.hpp"

#include <algorithm>
#include <filesystem>

namespace nocturne {
namespace {

constexpr char const* beginning =
    "set -uo pipefail\n"
    "ids=()  # of Slurm, in the order of the jobs\n"
    "submit() {  # submit WORDS OF SBATCH <SCRIPT\n"
    "    local said\n"
    "    if ! said=$(\"$@\") || [[ ! $said =~ ^[0-9]+ ]]; then\n"
    "        echo 'sbatch refused: what went before is taken back' >&2\n"
    "        [ ${#ids[@]} -eq 0 ] || scancel \"${ids[@]}\"\n"
    "        exit 78\n"
    "    fi\n"
    "    ids+=(\"${BASH_REMATCH[0]}\")\n"
    "    echo \"${BASH_REMATCH[0]}\"\n"
    "}\n";

std::string number_of(std::size_t job) { return "${ids[" + std::to_string(job) + "]}"; }

/// The words of sbatch that wait for other jobs, as numbered when the script runs.
std::string words_for_needs(SubmittedJob const& job, std::vector<SubmittedJob> const& all)
{
    std::string numbers;
    for (auto const& need : job.needs)
        for (std::size_t i = 0; i < all.size(); ++i)
            if (all[i].id == need) numbers += ":" + number_of(i);
    return numbers.empty()
               ? ""
               : std::string(" \"--dependency=") + name(job.after) + numbers + "\" --kill-on-invalid-dep=yes";
}

}  // namespace

std::string script_that_submits(std::vector<SubmittedJob> const& jobs)
{
    std::string text = "#!/usr/bin/env bash\n# Written by nocturne submit: it gives " + std::to_string(jobs.size()) +
                       " jobs to Slurm. Run it: bash FILE\n# shellcheck disable=SC2016,SC2088\n" + beginning;
    auto const place = std::filesystem::path(jobs.front().script_path).parent_path().string();
    text += "mkdir -p " + script_word(place) + " || exit 73\n";
    for (auto const& job : jobs) {
        text += "\n# job " + bash_word(job.id) + "\nsubmit";
        for (auto const& word : job.command) text += " " + script_word(word);
        text += words_for_needs(job, jobs) + " <<'END_OF_JOB'\n" + job.script + "END_OF_JOB\n";
    }
    return text;
}

}  // namespace nocturne
