.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
export OMP_NUM_THREADS ?= 1

.PHONY: help install demo test test-all check format lint types clean

help: ## This list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-10s %s\n", $$1, $$2}'

.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check "torch>=2.9,<2.14"
	$(BIN)/pip install --quiet --disable-pip-version-check -e ".[dev]"
	touch .venv/installed

install: .venv/installed ## Create .venv and install Lamina with its development tools

demo: install ## Train on scikit-learn's handwritten digits and print where the report is
	env -u OMP_NUM_THREADS $(BIN)/lamina fit digits --time 20s

test: install ## The tests (CPU, no network; slow ones left out)
	$(BIN)/python -m pytest -n 2 -m "not slow and not gpu"

test-all: install ## All tests, the slow ones too
	$(BIN)/python -m pytest -n 2 -m "not gpu"

check: install lint types ## Everything CI runs before the tests

format: install ## Rewrite the sources in the house style
	$(BIN)/ruff format src tests benchmarks examples
	$(BIN)/ruff check --fix src tests benchmarks examples

lint: install ## Static rules
	$(BIN)/ruff format --check src tests benchmarks examples
	$(BIN)/ruff check src tests benchmarks examples

types: install ## Static types
	$(BIN)/mypy

clean: ## Remove caches and the environment
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache dist build
