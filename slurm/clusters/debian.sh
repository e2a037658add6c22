#!/usr/bin/env bash
# A cluster of Debian or Ubuntu machines with the distribution's packages (jobs/packages) on every node: no modules.
# Source it before sbatch, so that the SBATCH_ values count, and name it in NOCTURNE_CLUSTER, so that the job sources it too:
#   source slurm/clusters/debian.sh && sbatch slurm/nocturne.sbatch jobs/continuum.yaml --arg incoming=DIR --arg out=OUT
export NOCTURNE_CLUSTER=debian

# Where the job waits. An empty value is Slurm's default partition.
export SBATCH_PARTITION=${SBATCH_PARTITION:-}
[ -n "$SBATCH_PARTITION" ] || unset SBATCH_PARTITION

# Debian's Slurm and Open MPI meet in PMIx.
export NOCTURNE_SRUN=${NOCTURNE_SRUN:---mpi=pmix}
# Cores not asked for with --bind-to: ranks do not pin themselves, Slurm does.
export OMPI_MCA_hwloc_base_binding_policy=none

# Node-local scratch, for --stage scratch. No place for the database: each node would have its own, and do every group again.
export NOCTURNE_SCRATCH=${TMPDIR:-/tmp}
