# Recipes for people and for CI (.ci/run calls `make test`). Everything goes into .venv, from requirements/dev.txt, by hash.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:

HOST ?= 127.0.0.1
PORT ?= 8000
# The first interpreter that is new enough. A version manager's shim may be on the path without a version behind it.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v "$$p"; break; }; done)
# Debian's packages can be installed by root, or by a user whose sudo asks nothing.
SUDO := $(shell if [ "$$(id -u)" -ne 0 ]; then echo "sudo -n env DEBIAN_FRONTEND=noninteractive"; fi)
APT := $(SUDO) apt-get -qq -o Dpkg::Use-Pty=0
export DEBIAN_FRONTEND := noninteractive
export PIP_DISABLE_PIP_VERSION_CHECK := 1

BIN := .venv/bin
# Scripts in a virtual environment hold absolute paths: a stamp that names another directory is of no use here.
STAMP := .venv/.set-up
ifneq ($(shell cat $(STAMP) 2>/dev/null),$(CURDIR))
.PHONY: $(STAMP)
CLEAR := --clear
endif

.PHONY: help run test cluster cluster-test jars torture lint fmt bench audit mutants screenshots lock kernel browser java clean

help: ## Show these recipes
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' $(MAKEFILE_LIST) | expand -t 16

run: $(STAMP) ## Set up, index seeds/ if there is no index, serve http://127.0.0.1:8000 (HOST=, PORT=)
	@test -e "$${YIBAO_INDEX_DIR:-indexdir}/CURRENT" || $(BIN)/yibao reindex
	@exec $(BIN)/yibao serve --host $(HOST) --port $(PORT)

test: $(STAMP) kernel browser lint ## Set up (compiler and browser too), run every check (ARGS= goes to pytest; KERNEL=no)
	$(WITH_KERNEL) $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

cluster: $(STAMP) ## Start three nodes of OpenSearch on loopback, print their address (needs Java and Maven; ARGS=--help)
	@PYTHONPATH=tests exec $(BIN)/python -m cluster $(ARGS)

cluster-test: $(STAMP) java ## Check the search on a real cluster, and what it does when nodes are lost (ARGS= goes to pytest)
	$(WITH_KERNEL) PYTHONPATH=tests $(BIN)/python -m pytest -p cluster.plugin tests $(ARGS)

jars: $(STAMP) java ## Fetch the jars of that cluster from Maven Central, and compare them with their checksums
	@PYTHONPATH=tests $(BIN)/python -m cluster.jars

torture: $(STAMP) kernel ## Let all go wrong that can, for hours (docs/reliability.md; ARGS=--help)
	$(WITH_KERNEL) PYTHONPATH=tests $(BIN)/python -m faults $(ARGS)

lint: $(STAMP) ## Style, format, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --no-cache

fmt: $(STAMP) ## Format, and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP) ## Measure indexing and search
	$(BIN)/python -m bench $(ARGS)

audit: $(STAMP) ## Are there known holes in the pinned packages? (ARGS="--database all.zip" without a network)
	$(BIN)/python -m bench.audit $(ARGS)

mutants: $(STAMP) kernel ## Put small faults into the policy code: which does no test notice? (ARGS=--help)
	$(BIN)/python -m bench.mutants $(ARGS)

screenshots: $(STAMP) browser ## Take the pictures of the README (ARGS=FOLDER: of every page and state)
	$(BIN)/python -m bench.screenshots $(ARGS)

lock: $(STAMP) ## Resolve the dependencies of pyproject.toml anew into requirements/dev.txt and run.txt
	$(BIN)/pip install -q uv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --upgrade --generate-hashes --no-emit-index-url \
		--no-emit-find-links --custom-compile-command "make lock" --group dev --all-extras pyproject.toml \
		-o requirements/dev.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --custom-compile-command "make lock" --constraints requirements/dev.txt --extra fast --extra office \
		pyproject.toml -o requirements/run.txt

clean: ## Remove what was generated, but no index
	rm -rf .venv dist build artifacts .mypy_cache .ruff_cache .pytest_cache .hypothesis webui/static/vendor
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): requirements/dev.txt pyproject.toml hatch_build.py package.json package-lock.json search/kernel/kernel.c
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or newer is needed, and none was found (PYTHON=/path/to/python names one)" >&2; exit 1; }
	@echo "Setting up .venv with $(PYTHON); the first time this takes a minute or two"
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { $(APT) update && $(APT) install -y python3-venv >/dev/null; } || \
		{ echo "make: $(PYTHON) has no venv module; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(CLEAR) .venv
	@$(BIN)/pip install -qq --require-hashes -r requirements/dev.txt
	@$(BIN)/pip install -qq --no-deps -e .
	@echo "$(CURDIR)" > $@

# Tests are to run both ways of the inner loops (docs/decisions/0120-kernel.md). Where no C compiler can be had, those of
# the compiled ones are left out, and pytest says so; KERNEL=yes takes that for a failure, KERNEL=no leaves them out anyway.
KERNEL ?= auto
WITH_KERNEL := $(if $(filter no,$(KERNEL)),YIBAO_KERNEL=off)
COMPILER_PACKAGES := gcc libc6-dev python3-dev
HAVE_KERNEL := $(BIN)/python -c 'import search.kernel._kernel' 2>/dev/null

kernel: $(STAMP)
	@test "$(KERNEL)" = no || $(HAVE_KERNEL) || { \
		echo "Installing a C compiler"; \
		$(APT) update && $(APT) install -y --no-install-recommends $(COMPILER_PACKAGES) >/dev/null && \
		$(BIN)/pip install -qq --no-deps -e . && $(HAVE_KERNEL); } || \
		{ echo "make: tests of the compiled kernel need a C compiler and Python's headers; on Debian, as root:" \
		"apt-get install $(COMPILER_PACKAGES)" >&2; test "$(KERNEL)" != yes; }

# For the tests that drive a browser: Chromium, a Chinese font, and a library that Playwright's own driver needs. Where no
# Firefox or WebKitGTK can be had its tests are left out, and pytest says so; CI=true takes that for a failure.
BROWSER_PACKAGES := chromium fonts-noto-cjk libatomic1
HAVE_BROWSER := test -x /usr/bin/chromium && fc-list :lang=zh | grep -q . && $(BIN)/python -m playwright --version >/dev/null 2>&1
OTHER_BROWSERS := firefox-esr webkit2gtk-driver xvfb
HAVE_OTHERS := test -x /usr/bin/firefox-esr && test -x /usr/bin/WebKitWebDriver && test -x /usr/bin/Xvfb

browser: $(STAMP)
	@{ $(HAVE_BROWSER); } || { \
		echo "Installing Chromium and a Chinese font"; \
		$(APT) update && $(APT) install -y --no-install-recommends $(BROWSER_PACKAGES) >/dev/null && $(HAVE_BROWSER); } || \
		{ echo "make: the browser tests need Chromium and a Chinese font; on Debian, as root:" \
		"apt-get install $(BROWSER_PACKAGES)" >&2; exit 1; }
	@{ $(HAVE_OTHERS); } || { \
		echo "Installing Firefox and WebKitGTK"; \
		$(APT) update && $(APT) install -y --no-install-recommends $(OTHER_BROWSERS) >/dev/null && $(HAVE_OTHERS); } || \
		{ echo "make: tests in Firefox and WebKitGTK are left out where these are missing; on Debian, as root:" \
		"apt-get install $(OTHER_BROWSERS)" >&2; test "$(CI)" != true; }

# For the cluster alone: nothing else here needs Java.
JAVA_PACKAGES := openjdk-17-jdk-headless maven
HAVE_JAVA := command -v java >/dev/null && command -v javac >/dev/null && command -v mvn >/dev/null

java:
	@{ $(HAVE_JAVA); } || { \
		echo "Installing Java and Maven"; \
		$(APT) update && $(APT) install -y --no-install-recommends $(JAVA_PACKAGES) >/dev/null && $(HAVE_JAVA); } || \
		{ echo "make: the tests of the cluster need Java and Maven; on Debian, as root:" \
		"apt-get install $(JAVA_PACKAGES)" >&2; exit 1; }
