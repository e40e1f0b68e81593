# Each target makes the virtual environment that it needs; PYTHON chooses the interpreter, VENV the place.
PYTHON ?= python3
VENV ?= .venv
IN = $(VENV)/bin/

.PHONY: test lint generate catalogue clean

test: $(VENV)/.dev lint
	$(IN)coverage erase
	$(IN)coverage run -m pytest -m "not rumor" $(PYTEST)
	$(IN)coverage combine --quiet
	$(IN)coverage report --fail-under=90
	$(IN)python -m pytest -m rumor $(PYTEST)

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
