# make verify   the main job: derive, certify, cross-check; writes report/
# make test     lint, types, tests, doctests, README examples, derivations
# make fuzz     random cases against independent oracles, FUZZ_SECONDS=600; a disagreement stays in tests/data/
# Options:      PYTHON=python3.11   PIP_OPTIONS="--index-url ..."   LEVEL=full

PYTHON ?= python3
PIP_OPTIONS ?=
LEVEL ?= fast
FUZZ_SECONDS ?= 600
FUZZ_OPTIONS ?=
BIN := .venv/bin
# Written last: without it an install was interrupted, or its inputs changed, and it is done again.
INSTALLED := .venv/installed

.PHONY: verify test test-slow fuzz install clean

verify: $(INSTALLED)
	$(BIN)/slt verify --level $(LEVEL)

test: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -m "not slow"

test-slow: $(INSTALLED)
	$(BIN)/python -m pytest -m slow

fuzz: $(INSTALLED)
	$(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS) $(FUZZ_OPTIONS)

install: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt Makefile
	rm -f $@
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv --clear .venv || { echo "no working venv module: on Debian, apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install $(PIP_OPTIONS) --constraint constraints.txt --editable '.[all]'
	touch $@

clean:
	rm -rf .venv report export
