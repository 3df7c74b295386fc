# Two commands do everything on a fresh Debian 12, as root:  make demo   and   make test

export PATH := $(PATH):/usr/local/sbin:/usr/sbin:/sbin
PYTHON := .venv/bin/python
RUN := installers/own-mounts

# The data plane's programs, compiled: needs clang and the kernel's headers (linux-libc-dev). Always the same bytes.
BPF := client/linux/bpf
BPF_OBJECT := $(BPF)/dataplane.bpf.o

.PHONY: help demo test lint unit simulation lab mutants bench lock bpf compliance translations setup gui-demo clean

help:
	@echo "make demo        a laptop moves between networks and keeps its connections, IPv4 and IPv6"
	@echo "make test        all checks: lint, unit, simulation, lab"
	@echo "make lint        ruff and mypy"
	@echo "make unit        the tests that need neither root nor time"
	@echo "make simulation  the machines against a simulated, hostile network"
	@echo "make lab         real programs in network namespaces"
	@echo "make mutants     planted faults, each of which a test must catch"
	@echo "make compliance  write docs/COMPLIANCE.md: which rules of the RFCs are kept, and what proves it"
	@echo "make translations  gather the window's and the tray's texts in gui/translations, and compile them"
	@echo "make gui-demo    the tray program on a real desktop without a screen, with pictures of every state and page"
	@echo "make bench       what the data plane carries, beside others; needs root and an hour alone"
	@echo "make bpf         compile the programs that run in the kernel"
	@echo "make lock        pin the newest Python packages (needs pip-tools)"
	@echo "make clean       remove what these commands made here"

setup:
	@installers/setup

demo: setup
	@$(RUN) $(PYTHON) -m lab.cli run both

test: setup
	@$(RUN) .ci/checks lint unit simulation lab

lint unit simulation lab: setup
	@$(RUN) .ci/checks $@

mutants: setup
	@$(RUN) $(PYTHON) -m tests.mutants.run

compliance: setup
	@$(PYTHON) -m tests.compliance.write

# Says which texts have no translation yet: write them in the .ts files, with Qt Linguist or by hand, and call it again.
translations: setup
	@$(PYTHON) -m gui.translations.collect
	@.venv/bin/pyside6-lrelease -silent gui/translations/*.ts

gui-demo:
	@installers/setup desktop
	@$(RUN) $(PYTHON) -m lab.desktop build/screenshots

bench:
	@installers/setup bench
	@$(RUN) $(PYTHON) -m lab.bench

bpf:
	cd $(BPF) && clang -target bpf -mcpu=v3 -O2 -g0 -fno-jump-tables -fno-strict-aliasing -std=gnu11 -Wall -Wextra -Werror \
	    -isystem /usr/include/$(shell uname -m)-linux-gnu -c dataplane.bpf.c -o $(abspath $(BPF_OBJECT))

lock:
	pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --no-emit-index-url \
	    --no-emit-find-links --no-emit-trusted-host --upgrade --extra dev --extra gui \
	    --output-file requirements.lock pyproject.toml
	sed -i '1i # What mobilenode and its checks need, pinned with hashes. Made from pyproject.toml by: make lock' requirements.lock

clean:
	rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
