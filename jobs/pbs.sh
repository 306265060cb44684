#!/bin/bash
# One case under PBS: edit the line below the options, then `qsub jobs/pbs.sh` from the top folder
# of the project. Run `make env` on the login node once before: it may need the network.
#PBS -N anodefem
#PBS -l select=1:ncpus=8:mpiprocs=8
#PBS -l walltime=04:00:00
#PBS -j oe

case=runs/graphene-cage/run.toml

set -euo pipefail
cd "${PBS_O_WORKDIR:?submit this with qsub}"
# Compiled forms go to the node's own disk, where the next job on this node finds them again.
ANODEFEM_JIT_CACHE=/tmp/anodefem-jit-$(id -un)
export ANODEFEM_JIT_CACHE
# Ranks are the parallelism: one thread each.
export OMP_NUM_THREADS=1
ranks=$(wc -l <"$PBS_NODEFILE")
out=out/$(basename "$(dirname "$case")")-${PBS_JOBID%%.*}
echo "$case -> $out on $ranks ranks"
container/run mpirun -n "$ranks" anodefem run "$case" -o "$out"
