# What people, hooks and the build server call. `make` alone lists it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORTAL := src/kundenportal

SOURCES := $(shell find $(PORTAL) -name '*.py' 2>/dev/null)
CATALOGUES := $(shell find $(PORTAL)/locale -name '*.po' 2>/dev/null)
BUNDLE := $(PORTAL)/web/shared/static/css/portal.css
BLOCKS := $(wildcard $(PORTAL)/web/shared/css/*/*.css)
STATIC := $(shell find $(PORTAL) -path '*/static/*' -type f 2>/dev/null)
DEMONSTRATION := $(if $(filter 0,$(shell id -u)),/var/lib/kundenportal-demo,$(HOME)/.local/share/kundenportal-demo)

# Where Django only reads its settings, it must not make a key in somebody's data directory.
NO_KEY := nothing-is-signed-with-this-key-anywhere

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run check audit test thorough race upgrades machines bench lock clean
.DELETE_ON_ERROR:

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.installed $(CATALOGUES:.po=.mo) $(VENV)/.static $(VENV)/.compiled ## set everything up in .venv; the command is then .venv/bin/kundenportal

setup-dev: setup $(VENV)/.installed-dev ## the same, with the tools of make check and make test

run: export KUNDENPORTAL_DATA_DIR ?= $(DEMONSTRATION)
run: setup ## serve the demonstration portal on 127.0.0.1:8000 until Ctrl-C
	@exec $(BIN)/kundenportal demo --serve

check: export KUNDENPORTAL_SECRET_KEY := $(NO_KEY)
check: setup-dev ## everything that can be judged without running the portal
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/mypy scripts
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --check $(PORTAL)
	$(BIN)/djlint --quiet --lint $(PORTAL)
	$(BIN)/python scripts/bundle_css.py --check
	$(BIN)/python scripts/rank_words.py --check
	$(BIN)/python scripts/licences.py
	scripts/install-system-packages gettext
	$(BIN)/python scripts/lint_translations.py
	scripts/check-django $(BIN)/kundenportal

audit: setup-dev ## ask PyPI for known faults in the packages; needs the network
	scripts/audit

test: setup-dev ## every test, PostgreSQL and a real browser included
	scripts/install-system-packages gettext chromium dovecot nginx 'age?' 'chromium-headless-shell?'
	$(BIN)/pytest -n 2 --dist worksteal -p no:randomly $(TESTS)

thorough: setup-dev ## every test in an order of its own, and what make test leaves out because it shows the same in larger numbers
	scripts/install-system-packages gettext chromium dovecot nginx postgresql 'age?' 'chromium-headless-shell?'
	$(BIN)/pytest -n 2 --dist worksteal --thorough --ignore tests/machines $(TESTS)

race: setup-dev ## that five guesses are five, in every order and in a crowd: what of it takes minutes included
	$(BIN)/pytest -rP --thorough tests/domain/credentials/test_guard_interleavings.py tests/journeys/test_crowd_at_the_door.py

upgrades: setup-dev ## that an upgrade killed at any of its steps loses nothing
	$(BIN)/pytest -n 0 --thorough tests/config/test_upgrade.py

machines: setup-dev ## the portal on many machines, in networks of their own (as root, on Linux): hosts are lost, restarted, renewed
	scripts/install-system-packages nginx iproute2
	$(BIN)/pytest -n 0 -p no:randomly -rP --thorough tests/machines

bench: setup-dev ## measure what is promised about speed, on a machine with nothing else to do; QUICK=1 only tries it
	scripts/install-system-packages wrk
	PYTHONPATH=tests $(BIN)/python -m bench $(if $(QUICK),--quick)

lock: $(VENV)/.python ## write the requirements files anew; UPGRADE=--upgrade takes newer releases
	$(BIN)/python -m pip install --quiet uv
	$(call LOCK,--extra setup,requirements.txt)
	$(call LOCK,--extra setup --extra s3 --extra traces --constraint requirements.txt,requirements-extras.txt)
	$(call LOCK,--extra setup --extra dev --constraint requirements-extras.txt,requirements-dev.txt)

clean: ## remove what these targets have made
	rm -rf $(VENV) $(PORTAL)/static-collected src/kundenportal.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-results
	find $(PORTAL)/locale -name '*.mo' -delete
	find src tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +

define LOCK
$(BIN)/uv pip compile pyproject.toml $(1) --output-file $(2) --universal --python-version 3.11.2 \
	--generate-hashes --no-emit-index-url --no-header --no-annotate --quiet $(UPGRADE)
endef

$(VENV)/.python:
	@scripts/make-venv $(PYTHON) $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.python requirements.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

%.mo: %.po $(VENV)/.installed
	$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

$(BUNDLE): $(BLOCKS) scripts/bundle_css.py
	@$(BIN)/python scripts/bundle_css.py

$(VENV)/.static: $(VENV)/.installed $(BUNDLE) $(STATIC)
	@KUNDENPORTAL_SECRET_KEY=$(NO_KEY) $(BIN)/python -m django collectstatic \
		--settings kundenportal.config.settings --no-input --clear --verbosity 0
	@touch $@

# Compiled here, because a machine may be told not to write bytecode and would compile at every start.
$(VENV)/.compiled: $(VENV)/.installed $(SOURCES)
	@$(BIN)/python -m compileall -q $(PORTAL)
	@touch $@
