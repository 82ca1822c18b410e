# make help says what there is. Options: PYTHON=python3.11   PIP_OPTIONS="--index-url ..."   LEVEL=full   WORKERS=2

PYTHON ?= python3
PIP_OPTIONS ?=
LEVEL ?= fast
WORKERS ?= 2
FUZZ_SECONDS ?= 600
FUZZ_OPTIONS ?=
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal
# Written last: without it an install was interrupted, or its inputs changed, and it is done again.
INSTALLED := .venv/installed

.PHONY: verify help test ci test-all coverage format fuzz bench docs install clean

verify: $(INSTALLED)  ## the main job: derive, certify, cross-check; prints the table, writes report/
	$(BIN)/slt verify --level $(LEVEL)

help:  ## this list
	@sed -nE 's/^([a-z-]+):.*  ## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

test: $(INSTALLED)  ## lint, types, tests, doctests, README examples, derivations: some five minutes on two cores
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(PYTEST) -m "not slow and not long"

ci: $(INSTALLED)  ## the same with the tests that take some ten seconds
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(PYTEST) -m "not slow"

test-all: $(INSTALLED)  ## the same with the tests that take minutes
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(PYTEST)

coverage: $(INSTALLED)  ## the lines and branches that `make test` does not reach
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest -n $(WORKERS) --dist worksteal -m "not slow and not long"
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report

format: $(INSTALLED)  ## mend what ruff can mend, the order of imports too
	$(BIN)/ruff check --fix .

fuzz: $(INSTALLED)  ## random cases against independent oracles, FUZZ_SECONDS=600 (a disagreement stays in tests/data/); attacks
	$(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS) $(FUZZ_OPTIONS)
	HOSTILE_LINES=2000 HOSTILE_SEED=$$$$ ATTACKS=10 ATTACK_SEED=$$$$ \
		$(PYTEST) tests/fuzz/test_command_lines.py tests/fuzz/test_attacks.py

bench: $(INSTALLED)  ## the benchmarks at their small settings, some minutes
	$(BIN)/python -m tests.benchmarks.bench_engine --of golden
	$(BIN)/python -m tests.benchmarks.bench_ranks
	$(BIN)/python -m tests.benchmarks.bench_edge_sets 30
	$(BIN)/python -m tests.benchmarks.bench_grok
	$(BIN)/python -m tests.benchmarks.bench_llc --fast

docs: $(INSTALLED)  ## the documentation, docs/_build/html/index.html; and what the README takes from code
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/pictures.py
	$(BIN)/python -m sphinx -b html -W -q docs docs/_build/html

install: $(INSTALLED)  ## .venv with everything, at the versions of constraints.txt

$(INSTALLED): pyproject.toml constraints.txt Makefile
	rm -f $@
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv --clear .venv || { echo "no working venv module: on Debian, apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install $(PIP_OPTIONS) --constraint constraints.txt --editable '.[all]'
	touch $@

clean:  ## remove .venv, report/, export/ and what is built in docs/
	rm -rf .venv report export docs/generated docs/_build
