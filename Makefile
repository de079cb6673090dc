# Everything runs in a virtual environment of the project's own; set VENV to use another one.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
STAMP = $(VENV)/.installed
export HF_HUB_OFFLINE ?= 1
export TOKENIZERS_PARALLELISM ?= false

.PHONY: help demo test fuzz check lint format bench clean
help: ## This list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

INTEGRATIONS = langchain mcp

$(STAMP): pyproject.toml constraints.txt $(INTEGRATIONS:%=integrations/%/pyproject.toml)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet -c constraints.txt torch
	$(BIN)/pip install --quiet -c constraints.txt -e '.[all]' $(INTEGRATIONS:%=-e integrations/%)
	touch $(STAMP)

demo: $(STAMP) ## Remember a conversation, ask it questions; no key, no network once installed
	$(BIN)/agentmem demo

test: $(STAMP) ## All tests
	$(BIN)/pytest -n 2 --dist worksteal

fuzz: $(STAMP) ## Property tests of the whole with examples never tried before
	$(BIN)/pytest -n 2 --dist worksteal --hypothesis-profile fuzz tests/properties

lint: $(STAMP) ## Style, types, import directions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test ## Everything CI runs

format: $(STAMP) ## Put the code in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP) ## Speed benchmarks; prints tables
	$(BIN)/python -m evals.benchmarks

clean: ## Remove the virtual environment and caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
