# make demo    install into .venv, train a first model
# make test    install with the development extra, run the tests
# make lint    style, types, import layers
# make docs    the documentation site, into build/docs; a warning is an error
# make notebook    the notebook of the docs executed anew, its outputs kept
#
# VENV=DIR uses another environment, TESTS=PATH runs some of the tests only.

VENV ?= .venv
PYTHON ?= python3
TESTS ?=
BIN = $(VENV)/bin

# Threads a test uses: its tensors are small, and some tests start two processes.
OMP_NUM_THREADS ?= 1

PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
SETTINGS = pyproject.toml constraints.txt
SOURCES = $(shell find seqlab plugins -type f -not -path '*/__pycache__/*')

.PHONY: demo test lint docs notebook clean
MAKEFLAGS += --no-print-directory

demo: $(VENV)/.installed
	$(BIN)/seqlab run --task sentiment --model lstm

test: $(VENV)/.installed-dev
	OMP_NUM_THREADS=$(OMP_NUM_THREADS) $(BIN)/python -m pytest $(TESTS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/.installed-dev
	$(BIN)/python -m sphinx -W --keep-going -E -q -d build/doctrees docs build/docs
	@echo "build/docs/index.html"

notebook: $(VENV)/.installed-dev
	$(BIN)/python -m docs.notebook

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# An environment for development holds these sources already, as they are edited.
$(VENV)/.installed: $(SETTINGS) $(SOURCES) | $(BIN)/python
	@if [ -e $(VENV)/.installed-dev ]; then $(MAKE) $(VENV)/.installed-dev; else \
	  echo "installing seqlab into $(VENV)"; $(PIP) . ; fi
	@touch $@

$(VENV)/.installed-dev: $(SETTINGS) | $(BIN)/python
	@echo "installing seqlab for development into $(VENV)"
	@$(PIP) -e '.[dev]'
	@touch $@
