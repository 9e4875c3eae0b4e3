# The front door for developers and first-time users: make run, make test, make check.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
STAMP = $(shell cat requirements.txt | cksum | tr ' ' -)
STAMP_DEV = $(shell cat requirements.txt requirements-dev.txt | cksum | tr ' ' -)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help install install-dev chromium run test check fix bench faults

help:  ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed; it was not found as $(PYTHON)."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V). Try: make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "Python's venv is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

install: $(BIN)/python  ## .venv with what running needs; does nothing where it is up to date
	@test -e $(VENV)/.installed-$(STAMP) || test -e $(VENV)/.tested-$(STAMP_DEV) || { \
	  echo "Installing (once) ..." && $(PIP) install -r requirements.txt && touch $(VENV)/.installed-$(STAMP); }

install-dev: $(BIN)/python
	@test -e $(VENV)/.tested-$(STAMP_DEV) || { \
	  echo "Installing what tests need (once) ..." && $(PIP) install -r requirements-dev.txt \
	  && touch $(VENV)/.installed-$(STAMP) $(VENV)/.tested-$(STAMP_DEV); }

chromium: install-dev
	@$(BIN)/python -m tests.chromium

run: install  ## the clinic on this machine (PORT=8123 for another port)
	@PORT=$(PORT) exec $(BIN)/python -m clinic.running

test: chromium  ## every test, with servers of its own
	@CHROMIUM="$$($(BIN)/python -m tests.chromium --path)" exec $(BIN)/python -m pytest -n 2 $(TESTS)

check: install-dev  ## style, types, layers, migrations, deploy settings
	@$(BIN)/python -m tests.checks

fix: install-dev  ## what ruff can put right by itself
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: install-dev  ## a table of speeds, and var/bench.json
	@exec $(BIN)/python -m tests.bench

faults: install-dev  ## kills, floods, clocks at full size; a line for each, and an error where one does not hold
	@exec $(BIN)/python -m pytest -n 0 -q -s -m "faults or long" --long tests
