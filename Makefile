# Each target makes the virtual environment that it needs; PYTHON chooses the interpreter, VENV the place.
PYTHON ?= python3
VENV ?= .venv
IN = $(VENV)/bin/

.PHONY: demo test test-all test-uncovered test-covered interop lint clean generate catalogue

demo: $(VENV)/.demo
	$(IN)pyrum-sync demo $(DEMO)

$(VENV)/.demo: setup.cfg
	$(PYTHON) -m venv $(VENV)
	$(IN)pip install --quiet --disable-pip-version-check --editable ".[cli,engine]"
	touch $@

# Compiled once, not again by each of the many processes that the tests start.
unexport PYTHONDONTWRITEBYTECODE

# In several processes, two for each core: tests/conftest.py.
PARALLEL ?= --numprocesses=auto --dist=worksteal

# With a Rumor (on PATH, or where $RUMOR points) also the tests that need one. The linter runs beside those that wait most.
test: $(VENV)/.dev
	@$(MAKE) --no-print-directory --jobs=2 lint test-uncovered
	@$(MAKE) --no-print-directory test-covered

# On the real Rumor, the attacks, and what is in other processes: coverage slows them most, and they find faults, not lines.
test-uncovered: $(VENV)/.dev
	$(IN)python -m pytest $(PARALLEL) -m "uncovered and not interop and not long" $(PYTEST)

test-covered: $(VENV)/.dev
	$(IN)coverage erase
	$(IN)coverage run -m pytest $(PARALLEL) -m "not uncovered and not long" tests/unit tests/contract $(PYTEST)
	$(IN)coverage combine --quiet
	$(IN)coverage report --fail-under=90

# The same on each Python that is found: on PATH, or one of pyenv's. A virtual environment for each: .venv-3.10, …
PYTHONS ?= 3.10 3.11 3.12 3.13 3.14 3.15
test-all:
	@tested=; missing=; \
	for version in $(PYTHONS); do \
		found=; \
		for python in python$$version $$(ls -d $$HOME/.pyenv/versions/$$version.*/bin/python 2>/dev/null); do \
			if $$python -c "" 2>/dev/null; then found=$$python; break; fi; \
		done; \
		if [ -z "$$found" ]; then missing="$$missing $$version"; continue; fi; \
		echo "== Python $$version: $$found"; \
		$(MAKE) test PYTHON=$$found VENV=$(VENV)-$$version || exit 1; \
		tested="$$tested $$version"; \
	done; \
	echo "tested on:$${tested:- none}; not found:$${missing:- none}"; \
	test -n "$$tested"

# The engine against other implementations of libp2p; their programs are built on first use, and what is missing is named.
interop: $(VENV)/.dev
	$(IN)python -m pytest $(PARALLEL) -m interop tests/interop $(PYTEST)

lint: $(VENV)/.dev
	$(IN)ruff check .
	$(IN)ruff format --check .
	$(IN)mypy
	$(IN)lint-imports setup.cfg

generate: $(VENV)/.dev
	$(IN)python -m tools write

catalogue: $(VENV)/.dev
	$(IN)python -m tools check --rumor $${RUMOR:-rumor}

$(VENV)/.dev: setup.cfg
	$(PYTHON) -m venv $(VENV)
	$(IN)pip install --quiet --disable-pip-version-check --editable ".[dev]"
	touch $@

clean:
	rm -rf $(VENV) $(VENV)-3.* build dist *.egg-info .coverage .coverage.*

# The attacks at length, of which `make test` runs a short form: see docs/reliability.md.
.PHONY: attack fault-table fuzz injection interrupts memory model soak

# What takes too long for `make test`: the tests marked `long`, and the others with more repetitions.
attack: $(VENV)/.dev
	ATTACK=long $(IN)python -m pytest $(PARALLEL) -m "long or attack" $(PYTEST)

# Every fault on every way in at every moment of a call's life, as a table.
fault-table: $(VENV)/.dev
	@$(IN)python -m tests.attack.fault_table

# Input that no Rumor sends, found by chance and by what it reaches in the code; MINUTES of CPU time.
MINUTES ?= 10
fuzz: $(VENV)/.dev
	$(IN)python -m tests.fuzz --minutes=$(MINUTES) $(FUZZ)

# So many random TEXTS as arguments, flags and lists of a real Rumor.
TEXTS ?= 100000
injection: $(VENV)/.dev
	$(IN)python -m tests.attack.injection --texts=$(TEXTS) $(INJECTION)

# A signal at every point of everything that blocks.
interrupts: $(VENV)/.dev
	EVERY_POINT=1 $(IN)python -m pytest --capture=no tests/attack/test_interrupts.py $(PYTEST)

# Growth of the client and of Rumor over 200,000 short calls, with clear_log_data_every and without.
memory: $(VENV)/.dev
	$(IN)python -m tests.soak.memory $(MEMORY)

# Calls, at random, compared with a model: RUNS times as much as in the tests, and each time something else.
RUNS ?= 25
model: $(VENV)/.dev
	MODEL_RUNS=$(RUNS) $(IN)python -m pytest -rP tests/model $(MODEL)

# Half an hour of mixed load on real Rumors that are killed and cut off, and an hour of peers that come and go at the
# engine; SOAK="--seconds 60" for less.
soak: $(VENV)/.dev
	$(IN)python -m tests.soak $(SOAK)
	$(IN)python -m tests.soak.engine $(SOAK)

# pyrum runs on Python 3.11 and older only, and all contenders on the same interpreter.
BENCH_PYTHON ?= $(shell python3.11 -c 1 2>/dev/null && echo python3.11 || echo $(PYTHON))
BENCH_VENV ?= .venv-bench

.PHONY: bench bench-check faults

bench: $(BENCH_VENV)/.ready
	$(BENCH_VENV)/bin/python -m benchmarks --json benchmarks/results.json --picture docs/performance.svg \
		--page docs/performance.md $(BENCH)

# Gossip beside the real Rumor's: messages a second, to one subscriber and to ten.
.PHONY: bench-gossip
bench-gossip: $(VENV)/.dev
	$(IN)python -m benchmarks.gossip --json benchmarks/gossip.json $(BENCH)

# The engine beside py-libp2p, go-libp2p and the real Rumor; their programs are built on first use. BENCH="--rounds 1" for less.
.PHONY: bench-engine
bench-engine: $(VENV)/.dev
	$(IN)python -m benchmarks.engine --json benchmarks/engine.json --page docs/performance.md $(BENCH)

bench-check: $(VENV)/.dev
	$(IN)python -m benchmarks.instructions

# Both clients in the same faulty situations.
faults: $(BENCH_VENV)/.ready
	$(BENCH_VENV)/bin/python -m benchmarks.faults --json benchmarks/faults.json $(FAULTS)

$(BENCH_VENV)/.ready: setup.cfg
	$(BENCH_PYTHON) -m venv $(BENCH_VENV)
	$(BENCH_VENV)/bin/pip install --quiet --disable-pip-version-check --editable .
	-$(BENCH_VENV)/bin/pip install --quiet --disable-pip-version-check pyrum==0.3.0
	touch $@
