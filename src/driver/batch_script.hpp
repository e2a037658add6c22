// A batch script for Slurm. Enters: values, which stay data whatever characters they have. Leaves: bash that hands everything to
// slurm/nocturne.sbatch, which knows clusters, srun and starting again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nocturne {

struct BatchScript {
    std::string path;                  ///< where it will stand: the job submits it again where requeueing is forbidden
    std::string launcher;              ///< slurm/nocturne.sbatch
    std::string program;               ///< this program
    std::string cluster;               ///< slurm/clusters/NAME.sh, "" = none
    std::string run_id;                ///< of the row in `runs`; elements of an array add "-INDEX"
    std::string job_name;              ///< characters that Slurm cannot take become _
    std::vector<std::string> options;  ///< "--ntasks=2", …: checked by check_slurm_option
    std::vector<std::string> arguments;  ///< of `nocturne run`
    bool secret_database = false;        ///< its address comes in NOCTURNE_DB of the job's environment
};

/// Its text: it passes `bash -n` and shellcheck, and holds every value as one quoted word.
std::string to_text(BatchScript const& script);

/// Options stand in #SBATCH lines, which know no safe quoting. Throws Error(usage) where `option` is not --NAME or --NAME=VALUE of
/// letters, digits and _.,:=/@+%-*[]()&|!~^.
void check_slurm_option(std::string const& option);

/// A time limit as sbatch takes it (M, M:S, H:M:S, D-H, D-H:M, D-H:M:S); nothing for other words, and for 0, which is no limit.
std::optional<std::int64_t> slurm_seconds(std::string const& time);

/// The text with _ for what check_slurm_option refuses.
std::string slurm_name(std::string const& text);

}  // namespace nocturne
