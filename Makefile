# Each target makes the virtual environment that it needs; PYTHON chooses the interpreter, VENV the place.
PYTHON ?= python3
VENV ?= .venv
IN = $(VENV)/bin/

.PHONY: demo test lint clean generate catalogue

demo: $(VENV)/.demo
	$(IN)pyrum-sync demo $(DEMO)

$(VENV)/.demo: setup.cfg
	$(PYTHON) -m venv $(VENV)
	$(IN)pip install --quiet --disable-pip-version-check --editable ".[cli,simulator]"
	touch $@

# In several processes: most tests wait for some other process.
PARALLEL ?= --numprocesses=auto --dist=worksteal

test: $(VENV)/.dev lint
	$(IN)python -m pytest $(PARALLEL) -m rumor $(PYTEST)
	$(IN)coverage erase
	$(IN)coverage run -m pytest $(PARALLEL) -m "not rumor" $(PYTEST)
	$(IN)coverage combine --quiet
	$(IN)coverage report --fail-under=90

lint: $(VENV)/.dev
	$(IN)ruff check .
	$(IN)ruff format --check .
	$(IN)mypy

generate: $(VENV)/.dev
	$(IN)python -m pyrum_sync.catalogue_tools write

catalogue: $(VENV)/.dev
	$(IN)python -m pyrum_sync.catalogue_tools check --rumor $${RUMOR:-rumor}

$(VENV)/.dev: setup.cfg
	$(PYTHON) -m venv $(VENV)
	$(IN)pip install --quiet --disable-pip-version-check --editable ".[dev]"
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .coverage .coverage.*

# pyrum runs on Python 3.11 and older only, and all contenders on the same interpreter.
BENCH_PYTHON ?= $(shell python3.11 -c 1 2>/dev/null && echo python3.11 || echo $(PYTHON))
BENCH_VENV ?= .venv-bench

.PHONY: bench bench-check

bench: $(BENCH_VENV)/.ready
	$(BENCH_VENV)/bin/python -m benchmarks --json benchmarks/results.json --picture docs/performance.svg $(BENCH)

bench-check: $(VENV)/.dev
	$(IN)python -m benchmarks.instructions

$(BENCH_VENV)/.ready: setup.cfg
	$(BENCH_PYTHON) -m venv $(BENCH_VENV)
	$(BENCH_VENV)/bin/pip install --quiet --disable-pip-version-check --config-settings editable_mode=compat --editable .
	-$(BENCH_VENV)/bin/pip install --quiet --disable-pip-version-check pyrum==0.3.0
	touch $@
