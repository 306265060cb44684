# Everything runs in the environment of container/run; LANE=latest chooses the newest dolfinx.

RUN := container/run
OUT := out/demo
VERIFICATION := out/verification
CLONE := out/tutorial-clone
CASES := bare-particle graphene-cage binder-pr-paa binder-pvdf multilayer-blocks porous-sponge
# Steps of half the length take the sponge too long; at corners of the blocks they gain nothing.
LEVELS_multilayer-blocks := --finer 1 --step-ratio 1.4
LEVELS_porous-sponge := --finer 1 --step-ratio 1.4
# Processes at a time.
JOBS ?= auto
PYTEST := python3 -m pytest --durations=20 --durations-min=1
POOL := $(PYTEST) --numprocesses $(JOBS) --maxprocesses 8 --dist worksteal
MPI_PYTEST := $(PYTEST) --color=no
SHELL_FILES := container/run container/install-wheel .ci/run .ci/mesh-matrix $(wildcard jobs/*)

.DELETE_ON_ERROR:
.PHONY: help env demo catalogue errors docs book tutorial test solver thorough speed lint mesh-matrix fuzz kills corruption soak format ci clean

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

env: ## build the environment, or find it, and say what it is
	@$(RUN) python3 container/versions.py

demo: ## run the architectures that are not there yet, and compare them; the page grows meanwhile
	@# in two dimensions a second rank does not help: several at a time; in three it does
	$(RUN) anodefem batch $(CASES:%=runs/%/run.toml) --ranks porous-sponge=2 -o $(OUT)

catalogue: ## run the systems of the reviews, and put their numbers beside the published ones
	$(RUN) anodefem catalogue $(sort $(dir $(wildcard runs/catalogue/*/row.toml))) -o out/catalogue

errors: $(CASES:%=errors-%) ## error bars of the cases, put beside their case files and into their READMEs

errors-%: runs/%/run.toml
	$(RUN) anodefem converge $< $(or $(LEVELS_$*),--finer 1) --publish

test: ## the whole suite, or of TESTS: on one rank, several at a time, and what is parallel on two and three
	$(RUN) $(POOL) -m "serial or not mpi" $(TESTS)
	$(RUN) mpirun -n 2 $(MPI_PYTEST) -m mpi $(TESTS)
	$(RUN) mpirun -n 3 $(MPI_PYTEST) -m "mpi and not slow" $(TESTS)

solver: ## of the tests, those that depend on dolfinx: laws, short runs, quick verification, two ranks
	$(RUN) $(POOL) -m "serial or not mpi" tests/laws tests/rooms tests/mpi $(wildcard tests/gold) tests/verification/test_registry.py
	$(RUN) mpirun -n 2 $(MPI_PYTEST) -m mpi tests/mpi tests/meshes/test_reading.py

thorough: ## what takes too long for every change: 200 random meshes of each geometry, long tests, three ranks
	$(RUN) $(POOL) -o faulthandler_timeout=7200 -m "thorough and not mpi" $(TESTS)
	$(RUN) mpirun -n 3 $(MPI_PYTEST) -o faulthandler_timeout=3600 -m mpi $(TESTS)

speed: ## what a Newton iteration costs beside baselines; fails where a ratio fell below 0.6 of the stored one
	$(RUN) anodefem bench reference plastic --short --against benchmarks/ratios.json

docs: ## the site in out/docs, with what results there are; a warning is an error
	$(RUN) python3 -m docs.builder --verification $(VERIFICATION) --demo $(OUT) -o out/docs

book: $(VERIFICATION) docs ## solve the verification set if that was not done yet, then build the site

$(VERIFICATION):
	$(RUN) anodefem verify -o $@.partial || true # a problem that fails has its page too
	mv $@.partial $@

tutorial: ## follow the tutorial in a fresh clone, and put what came out into its page
	rm -rf $(CLONE)
	git clone --quiet . $(CLONE)
	python3 -m docs.builder.follow docs/tutorial.md $(CLONE)
	$(RUN) python3 -m docs.builder.pictures $(addprefix $(CLONE)/out/tutorial/comparison/,\
	    side_by_side.png curves.png) docs/images/tutorial

lint: ## style and types of Python, shell and the report's JavaScript
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) shellcheck --external-sources --check-sourced $(SHELL_FILES)
	$(RUN) oxlint src/anodefem/compare/report/assets
	$(RUN) mypy

mesh-matrix: ## compare meshes with their pins under the oldest and the newest gmsh of PyPI
	$(RUN) env ANODEFEM_CACHE=$(CURDIR)/out/gmsh .ci/mesh-matrix

fuzz: ## check 10 000 damaged case files and run 200 of them (FUZZ="--seed 2 --count 100 --runs 0")
	$(RUN) python3 -m tests.fuzz $(FUZZ)

kills: ## kill 100 runs at random moments and carry them on (KILLS="--seed 2 --count 20")
	$(RUN) python3 -m tests.kills $(KILLS)

corruption: ## damage 200 files of runs, and read them or go on (CORRUPTION="--seed 2 --count 20")
	$(RUN) python3 -m tests.corruption $(CORRUPTION)

soak: ## run 100 valid cases at random, and say how each ended (SOAK="--seed 2 --count 20 --jobs 2")
	$(RUN) python3 -m tests.soak $(SOAK)

format: ## let ruff repair what it can
	$(RUN) ruff check --fix
	$(RUN) ruff format

ci: ## what the server runs
	.ci/run

clean: ## remove results and caches of this folder (not the environments)
	rm -rf out build dist .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
