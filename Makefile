# Everything runs in the environment of container/run; LANE=latest chooses the newest dolfinx.

RUN := container/run
OUT := out/demo
CASES := bare-particle graphene-cage binder-pr-paa binder-pvdf multilayer-blocks porous-sponge
# The 3D case runs on two ranks, the others on one.
RANKS_porous-sponge := mpirun -n 2
PYTEST := python3 -m pytest
# A test that hangs under mpirun shows where, and ends the session.
MPI_PYTEST := $(PYTEST) -m mpi --color=no -o faulthandler_timeout=900 -o faulthandler_exit_on_timeout=true

.DELETE_ON_ERROR:
.PHONY: help env demo test lint mesh-matrix mesh-draws format ci clean

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

env: ## build the environment, or find it, and say what it is
	@$(RUN) python3 container/versions.py

demo: $(CASES:%=$(OUT)/%/.completed) ## run the architectures that are not there yet, and compare them
	rm -rf $(OUT)/comparison
	$(RUN) anodefem compare $(CASES:%=$(OUT)/%) -o $(OUT)/comparison

$(OUT)/%/.completed: runs/%/run.toml
	rm -rf $(@D)
	$(RUN) $(RANKS_$*) anodefem run $< -o $(@D)
	@touch $@

test: ## the whole suite serially, then its parallel part on two and on three ranks
	$(RUN) $(PYTEST)
	$(RUN) mpirun -n 2 $(MPI_PYTEST)
	$(RUN) mpirun -n 3 $(MPI_PYTEST)

lint: ## style and types
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy

mesh-matrix: ## compare meshes with their pins under the oldest and the newest gmsh of PyPI
	.ci/mesh-matrix

mesh-draws: ## mesh 200 random parameter sets of each geometry
	ANODEFEM_DRAWS=200 $(RUN) $(PYTEST) tests/meshes/test_random.py

format: ## let ruff repair what it can
	$(RUN) ruff check --fix
	$(RUN) ruff format

ci: ## what the server runs
	.ci/run

clean: ## remove results and caches of this folder (not the environments)
	rm -rf out build dist .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
