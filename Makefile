# `make help` lists what there is. PYTHON is the interpreter that the environment is made from (3.11, 3.12 or 3.13).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-input --retries 2 --no-deps --no-compile
# Without bytecode every `import keras` takes 25 seconds instead of 7. What is compiled already is left as it is.
COMPILE := $(BIN)/python -W ignore -m compileall -qq -j 0 $(VENV)/lib || \
	echo "Some files could not be compiled; what needs them starts slowly."

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

unexport PYTHONDONTWRITEBYTECODE
# Another project's modules have no business here.
unexport PYTHONPATH
unexport PYTHONHOME
# nbgrader calls alembic, which lies beside our interpreter.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export TF_CPP_MIN_LOG_LEVEL ?= 2

.PHONY: help env dev check lint types quick-tests test-deps test coverage audit bench bench-scale demo release lock clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS=$$'\t' read -r name text; do \
		printf '  make %-12s %s\n' "$$name" "$$text"; done

env: $(VENV)/kit.stamp ## make the environment in .venv from requirements.lock (once, a few minutes)

dev: env $(VENV)/dev.stamp ## add what tests and checks need, from requirements-dev.lock

$(VENV)/packages.stamp: requirements.lock scripts/make_venv.sh
	@scripts/make_venv.sh "$(PYTHON)" $(VENV)
	@echo "Installing the $$(grep -c == $<) packages of $< (about 800 MB to fetch, 3.0 GB on disk)."
	@$(PIP_INSTALL) --require-hashes -r $<
	@echo "Compiling them, so that they start quickly."
	@$(COMPILE)
	@touch $@

$(VENV)/kit.stamp: $(VENV)/packages.stamp pyproject.toml
	@$(PIP_INSTALL) --no-build-isolation --editable .
	@touch $@
	@echo "The environment is in $(VENV). Try: $(BIN)/autograder doctor"

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/packages.stamp
	@echo "Installing what tests and checks need from $<."
	@$(PIP_INSTALL) --require-hashes -r $<
	@$(COMPILE)
	@touch $@

check: dev ## lint, types, and the quick tests: without TensorFlow, whole courses and builds (one to two minutes)
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target types quick-tests

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: dev
	$(BIN)/mypy

quick-tests: dev
	$(BIN)/pytest -q -n auto --dist loadfile -m "not tensorflow and not slow"

test-deps: ## install what the tests need from Debian or Ubuntu (as root; otherwise say what is missing)
	@scripts/test_deps.sh

test: test-deps ## everything: `make check`, the slow tests, those that need TensorFlow, the audit of the rubrics
	@$(MAKE) --no-print-directory check
	$(BIN)/pytest -q -n auto --dist loadfile -m "slow and not tensorflow"
	$(BIN)/pytest -q -n 2 --dist loadfile -m tensorflow
	@$(MAKE) --no-print-directory audit

coverage: test-deps dev ## measure which lines all tests reach (the time of the tests, and half as much again)
	@$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -q -n auto --dist loadfile -m "not tensorflow"
	$(BIN)/coverage run -m pytest -q -n 2 --dist loadfile -m tensorflow
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

audit: env ## put wrong and right answers to every rubric (about two minutes for each)
	$(BIN)/autograder audit

bench: dev ## measure what grading costs, beside other graders (half an hour; goes on where it was)
	$(BIN)/python benchmarks/run.py

bench-scale: dev ## measure the whole training, 1,000 and 10,000 submissions, PostgreSQL (hours; goes on where it was)
	$(BIN)/python benchmarks/run.py --scale

demo: env ## grade the sample class, from nothing to the table of marks
	$(BIN)/python examples/class/demo.py

release: env ## write assignments/ again from solutions/
	$(BIN)/autograder release

lock: dev ## regenerate the locks and environment.yml from requirements.in and requirements-dev.in (needs uv)
	scripts/lock.sh

clean: ## remove caches and builds; marks, submissions and .venv stay
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage .coverage.*
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -print0 | xargs -0 rm -rf
