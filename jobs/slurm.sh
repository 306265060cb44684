#!/bin/bash
# One case under Slurm: edit the line below the options, then `sbatch jobs/slurm.sh` from the top
# folder of the project. Run `make env` on the login node once before: it may need the network.
#SBATCH --job-name=anodefem
#SBATCH --nodes=1
#SBATCH --ntasks=8
#SBATCH --cpus-per-task=1
#SBATCH --time=04:00:00
#SBATCH --output=%x-%j.log

case=runs/graphene-cage/run.toml

set -euo pipefail
cd "${SLURM_SUBMIT_DIR:?submit this with sbatch}"
# Compiled forms go to the node's own disk, where the next job on this node finds them again.
ANODEFEM_JIT_CACHE=/tmp/anodefem-jit-$(id -un)
export ANODEFEM_JIT_CACHE
# Ranks are the parallelism: one thread each.
export OMP_NUM_THREADS=1
out=out/$(basename "$(dirname "$case")")-$SLURM_JOB_ID
echo "$case -> $out on $SLURM_NTASKS ranks"
container/run mpirun -n "$SLURM_NTASKS" anodefem run "$case" -o "$out"
