#!/bin/bash
# One sweep as a Slurm job array, one point a task. Edit the lines below the options; ask how many
# points there are with `anodefem sweep ... --list`, and put that after --array. When all tasks have
# ended, the same command without --task writes the table and the figures (and runs what is missing).
#SBATCH --job-name=anodefem-sweep
#SBATCH --array=1-10
#SBATCH --nodes=1
#SBATCH --ntasks=4
#SBATCH --cpus-per-task=1
#SBATCH --time=02:00:00
#SBATCH --output=%x-%A-%a.log

sweep=(runs/graphene-cage/run.toml --over geometry.gap_ratio=1.2:1.6:5 --over sei.recipe="ec-dmc,fec"
    -o out/cage-sweep)

set -euo pipefail
cd "${SLURM_SUBMIT_DIR:?submit this with sbatch}"
# Compiled forms go to the node's own disk, where the next job on this node finds them again.
ANODEFEM_JIT_CACHE=/tmp/anodefem-jit-$(id -un)
export ANODEFEM_JIT_CACHE
# Ranks are the parallelism: one thread each.
export OMP_NUM_THREADS=1
container/run anodefem sweep "${sweep[@]}" --ranks "$SLURM_NTASKS" --task "$SLURM_ARRAY_TASK_ID"
