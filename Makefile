# Everything here makes what it needs: only Python 3.11 (or newer) and make have to be there beforehand.
#
#   make run        test both references against each other, and say where the report lies
#   make test       lint, types, and all tests that need Python only
#   make selftest   the references, then every mutant: does each check catch what it must?
#   make peers      build and run the real engines and SDKs whose toolchain is here
#   make bench      the figures
#
# PYTHON=python3.12 chooses an interpreter, VENV=… another folder for the environment, JOBS=… the number of processes,
# PEERS=… which peers (names, or --core for those that every pipeline run judges).

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV ?= .venv
# Half as many test processes again as processors: many tests wait, for processes and for what must not come.
JOBS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) \* 3 / 2)
OUT ?= dwconf-report
BIN := $(VENV)/bin

# A name on PATH is not enough: a version manager's shim may stand for an interpreter that is not there.
ifndef PYTHON
PYTHON := $(shell for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$candidate" && break; done)
endif

.PHONY: help run test lint types tests selftest peers bench coverage clean

help:
	@sed -n 's/^#   \(make .*\)/  \1/p' Makefile

# --- The environment: installed once, and again when pyproject.toml changes ------------------------------------------

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "make: no Python 3.11 or newer on PATH; name one with PYTHON=/path/to/python3" >&2; exit 1; fi
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(VENV)/.installed $@

# --- What users call -------------------------------------------------------------------------------------------------

run: $(VENV)/.installed
	@code=0; $(BIN)/dwconf run --out $(OUT) || code=$$?; \
		if [ -f $(OUT)/report.html ]; then echo "Report: $(abspath $(OUT))/report.html"; fi; exit $$code

# The tests come last, so that the last line says how many passed.
test: lint types tests

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.installed-dev
	$(BIN)/mypy

# By file, so that what a file builds once (the wheel and its environment, say) is built once.
tests: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --durations=10

selftest: $(VENV)/.installed
	$(BIN)/dwconf selftest

peers: $(VENV)/.installed-dev
	PATH="$(abspath $(BIN)):$$PATH" peers/run $(PEERS)

bench: $(VENV)/.installed-dev
	$(BIN)/python -m bench.run
	$(BIN)/python bench/engine_core.py
	$(BIN)/python -m bench.monitors 3000

coverage: $(VENV)/.installed-dev
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n $(JOBS) --dist loadfile
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

clean:
	rm -rf $(VENV) $(OUT) build dist .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
