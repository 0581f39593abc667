# Every target is safe to repeat. Works with GNU make 3.81, the one macOS has.
#
#   PYTHON=python3.12 make demo     another interpreter        COVER=0 make test       no floor of coverage
#   PYTEST="-k launchd" make test   a part of the tests        WORKERS=4 make test     more processes
#   make chaos CHAOS="--workers 8 --minutes 90"  so many cells at a time; so long for the second and third seed
#   make bench BENCH="--tools orch-free,pyinfra --hosts 10"    some tools and hosts, nothing written

.POSIX:
.PHONY: help demo test chaos bench soak lint check fix docs clean

BIN = .venv/bin
READY = .venv/.installed
READY_DEV = .venv/.installed-dev
BENCH = --minutes 23 --write
TOOLS = sshd zsh dash shellcheck lsof sudo openclaw age

help:
	@echo "make demo    three simulated Macs on this machine, and the main job on them"
	@echo "make test    checks, then all quick tests with coverage; installs missing tools when root on Debian"
	@echo "make check   formatting, lint, types, floors, shell, sizes, version, generated docs"
	@echo "make lint    the part of it that takes seconds: formatting, lint, shell"
	@echo "make fix     lets ruff mend what it can, then make check"
	@echo "make chaos   cut lines, killed controllers, full disks, floods, silence; tables into docs/reliability.md"
	@echo "make bench   half an hour: round trips, memory, fleets, other tools; tables into docs/performance.md"
	@echo "make soak    the slow tests: the same for a long time"
	@echo "make docs    writes the generated pages of docs/reference"
	@echo "make clean   removes what the other targets made, .venv too"

demo: $(READY)
	@$(BIN)/orch demo

test: $(READY_DEV)
	@echo "tools for the tests"
	@PATH="$$PWD/$(BIN):$$PATH" scripts/provide-tools $(TOOLS) || echo "  tests that need a missing tool will be skipped, and said so"
	@scripts/test $(PYTEST)

check: $(READY_DEV)
	@scripts/check

fix: $(READY_DEV)
	@scripts/check --fix

lint: $(READY_DEV)
	@scripts/check --quick

chaos: $(READY_DEV)
	@$(BIN)/python -m tests.chaos $(CHAOS)

bench: $(READY_DEV)
	@$(BIN)/python -m tests.bench $(BENCH)
	@$(BIN)/python -m tests.bench.scale here 24 50 500 1000 --write
	@$(BIN)/python -m tests.bench.scale processes:1 24 50 500 1000 --write
	@$(BIN)/python -m tests.bench.scale dask 24 50 5000 --write
	@$(BIN)/pytest tests/bench --slow --timeout=600 $(PYTEST)

soak: $(READY_DEV)
	@$(BIN)/pytest tests -m slow --slow --timeout=3600 $(PYTEST)

docs: $(READY_DEV)
	@scripts/docs

clean:
	rm -rf .venv build dist .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml scripts/install
	@scripts/install
	@touch $(READY)

$(READY_DEV): pyproject.toml scripts/install
	@scripts/install dev
	@touch $(READY) $(READY_DEV)
