#!/usr/bin/env bash
# slurm/nocturne.sbatch against stand-ins for srun, scontrol and sbatch that write down how they were called.
#   slurm_script.sh SOURCE_DIR
set -euo pipefail
script=$1/slurm/nocturne.sbatch
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failures=0

stand_in() { printf '#!/usr/bin/env bash\nprintf "%%s\\n" "%s" "$@" >>"%s/calls"\n%s\n' "$1" "$dir" "$2" >"$dir/$1"; chmod +x "$dir/$1"; }

# run_script EXIT_OF_SRUN EXIT_OF_REQUEUE [NAME=VALUE…] -- arguments
run_script() {
    stand_in srun "exit $1"
    # shellcheck disable=SC2016
    stand_in scontrol 'case $1 in requeue) [ -e '"$dir"'/allowed ] || exit '"$2"';; update) if [ "$3" = Requeue=1 ]; then [ "${ALLOWS:-1}" = 0 ] || exit 1; touch '"$dir"'/allowed; fi;; esac
[ "$1" != show ] || printf "JobId=7\n   TimeLimit=00:10:00 TimeMin=N/A\n   MinMemoryNode=3G MinTmp=0\n   Command=%s a b\n   StdOut=/a b/x.out\n   TresPerNode=gres:gpu:2\n   Comment=%s\n" "'"${own:-$script}"'" "${COMMENT:-(null)}"'
    # shellcheck disable=SC2016
    stand_in squeue 'case $* in *--array*) printf "70_1\n70_2\n70_4\n";; *) printf "8 afterok:6(unfulfilled),afterok:7(unfulfilled)\n9 afterok:70_*(unfulfilled)\n10 \n";; esac'
    # shellcheck disable=SC2016
    stand_in sbatch 'printf "resubmits %s\n" "$NOCTURNE_RESUBMITS" >>'"$dir/calls; echo 71"
    rm -f "$dir/allowed"
    shift 2
    local environment=()
    while [ "$1" != -- ]; do environment+=("$1"); shift; done
    shift
    : >"$dir/calls"
    code=0
    env PATH="$dir:$PATH" SLURM_JOB_ID=7 SLURM_NTASKS=3 NOCTURNE=/bin/true "${environment[@]}" "$script" "$@" 2>"$dir/log" || code=$?
}

expect() {
    local what=$1
    shift
    if ! "$@"; then
        failures=$((failures + 1))
        printf 'wrong: %s (exit %s)\n' "$what" "$code"
        sed 's/^/    /' "$dir/calls" "$dir/log"
    fi
}
# shellcheck disable=SC2317
called() { grep -qxF -- "$1" "$dir/calls"; }
# shellcheck disable=SC2317
never() { ! grep -qxF -- "$1" "$dir/calls"; }

run_script 0 0 -- 'a job.yaml' --arg 'out=/x y;z'
expect "done: exit 0" [ "$code" = 0 ]
expect "arguments arrive whole" called 'out=/x y;z'
expect "PMIx is asked for" called --mpi=pmix
expect "no requeue after success" never requeue

run_script 0 0 -- job.yaml --db postgresql://me:s3cret@host/d
# shellcheck disable=SC2016
expect "arguments, which may name secrets and homes, are not logged" [ "$(grep -c s3cret "$dir/log")" = 0 ]

run_script 65 0 -- job.yaml
expect "a permanent error is passed on" [ "$code" = 65 ]
expect "a permanent error is not tried again" never requeue

run_script 75 0 -- job.yaml
expect "75 requeues" called requeue
expect "a requeued job is not submitted again" never sbatch

run_script 75 0 SLURM_RESTART_COUNT=5 -- job.yaml
expect "five restarts are the most" never requeue
expect "then the code is 75" [ "$code" = 75 ]

run_script 75 0 SLURM_RESTART_COUNT=5 NOCTURNE_MAX_RESTARTS=6 -- job.yaml
expect "the number of restarts is a variable" called requeue

run_script 75 1 SLURM_JOB_PARTITION=gpu -- job.yaml --arg 'out=/x y'
expect "where requeue is forbidden it submits itself" called sbatch
expect "the script submitted is the original" called "$script"
expect "with its arguments" called 'out=/x y'
expect "its partition" called --partition=gpu
expect "its time limit" called --time=00:10:00
expect "its memory" called --mem=3G
expect "its GPUs" called --gres=gpu:2
expect "its log, spaces and all" called '--output=/a b/x.out'
expect "and one restart counted" called 'resubmits 1'
expect "who waits for it waits for the new one" called 'Dependency=afterok:6,afterok:71'
expect "who does not is left alone" never 'JobId=10'
run_script 75 1 SLURM_ARRAY_JOB_ID=70 SLURM_ARRAY_TASK_ID=2 -- job.yaml
expect "of an array, for the other elements, too" called 'Dependency=afterok:70_1:70_4:71'
run_script 75 0 SLURM_ARRAY_JOB_ID=7 SLURM_ARRAY_TASK_ID=2 -- job.yaml
expect "of the last element of an array, that element is requeued" called 7_2
expect "and not the whole array, whose number it has" never 7
run_script 75 1 ALLOWS=0 -- job.yaml
expect "where its owner may allow it, it is requeued" called Requeue=1
expect "and not submitted again" never sbatch

mkdir "$dir/a b"
printf '#!/usr/bin/env bash\n' >"$dir/a b/own.sbatch"
own="$dir/a b/own.sbatch"
run_script 75 1 -- job.yaml
expect "a script with a space in its path is found" called "$own"
unset own

run_script 75 1 NOCTURNE_RESUBMITS=5 -- job.yaml
expect "resubmissions count as restarts" never sbatch

run_script 75 1 COMMENT=nocturne-resubmit-5 -- job.yaml
expect "which the job's comment knows, too" never sbatch

run_script 137 0 -- job.yaml
expect "a rank that was killed is an interruption" called requeue
run_script 138 0 -- job.yaml
expect "and so is a signal that came before the program was there" called requeue
run_script 137 0 SLURM_RESTART_COUNT=5 -- job.yaml
expect "and its code is told in the end" [ "$code" = 137 ]
run_script 0 0 -- job.yaml
expect "one rank that fails ends the step" called --kill-on-bad-exit=1

printf '#!/usr/bin/env bash\n' >"$dir/own.sbatch"
run_script 75 1 "NOCTURNE_SCRIPT=$dir/own.sbatch" -- job.yaml --arg 'out=/x y'
expect "a script of nocturne submit is what is submitted again" called "$dir/own.sbatch"
expect "without the arguments that stand in it" [ "$(grep -cxF 'out=/x y' "$dir/calls")" = 1 ]

run_script 0 0 NOCTURNE_CLUSTER=debian -- job.yaml
expect "the example cluster's file is taken" [ "$code" = 0 ]
run_script 0 0 NOCTURNE_CLUSTER=nowhere -- job.yaml
expect "an unknown cluster is a bad configuration" [ "$code" = 78 ]

echo "slurm script: $failures wrong"
exit $((failures > 0))
