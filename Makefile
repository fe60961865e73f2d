# The commands of this repository. `make run` and `make test` need only Python >= 3.11, Node >= 20.19 and make.
PYTHON ?= python3
VENV := .venv/bin
DIST := dist
# Without site-packages, which it does not need, Python starts sooner and so handles a stop sooner.
INSTALL := $(PYTHON) -S local/install.py
.DEFAULT_GOAL := help
.PHONY: help run test coverage bench emulator-wheel test-newest-aiohttp cleanup sign-out requirements audit icons confusables screenshots descriptions check check-python check-frontend format clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

run: ## start everything; options: make run ARGS="--app-port 5000"
	@$(INSTALL) stack
	@exec $(VENV)/python -m local up $(ARGS)

# Containers often set this. Then every worker, and every part that a test starts, would compile what it imports again.
test: export PYTHONDONTWRITEBYTECODE =
# Three at a time on two cores: some tests wait. In Chromium hardly any does.
test: ## run all tests: first those without a browser, then those in Chromium; about 16 minutes on two cores
	@$(PYTHON) -S tests/browser/chromium.py
	@$(INSTALL) tests
	@npm --prefix frontend --silent test
	@$(VENV)/python -m pytest tests --ignore tests/browser --numprocesses 3 --dist loadfile
	@$(VENV)/python -m pytest tests/browser --numprocesses 2 --dist loadfile

coverage: ## measure how much of the code the tests without a browser run; docs/coverage.md has the figures
	@$(INSTALL) tests
	@npm --prefix frontend --silent test -- --coverage
	@mkdir -p test-results && rm -f test-results/.coverage*
	@TEST_PATIENCE=2 $(VENV)/coverage run -m pytest tests --ignore tests/browser --numprocesses 2 --dist loadfile || echo "Some tests failed under measurement."
	@$(VENV)/coverage combine --quiet && $(VENV)/coverage report --skip-covered
	@for part in shared emulator local; do echo "$$part: $$($(VENV)/coverage report --include "$$part/*" --format=total) %"; done

bench: ## run the benchmarks and write bench/results.json; PARTS="fanout idle" selects some
	@$(INSTALL) tests
	@$(VENV)/python -m bench $(PARTS)

emulator-wheel: ## build the Web PubSub stand-in as a wheel in dist/
	@tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && $(PYTHON) -m venv "$$tools" && pip="$$tools/bin/python -m pip" && \
	$$pip install --quiet --disable-pip-version-check --require-hashes -r emulator/build.txt && \
	$$pip wheel --quiet --disable-pip-version-check --no-build-isolation --no-deps --wheel-dir $(DIST) ./emulator
	@ls $(DIST)/web_pubsub_stand_in-*.whl

test-newest-aiohttp: ## test the use of aiohttp internals with the newest aiohttp; needs the package index; options: ARGS="--pre"
	@tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && $(PYTHON) -m venv "$$tools" && \
	"$$tools/bin/python" -m pip install --quiet --disable-pip-version-check $(ARGS) aiohttp $$(grep -E '^pytest(-asyncio|-timeout)?==' tests/requirements.in) && \
	"$$tools/bin/python" -c 'import aiohttp; print("aiohttp", aiohttp.__version__)' && \
	"$$tools/bin/python" -m pytest -q --noconftest -p no:cacheprovider tests/emulator/test_aiohttp_internals.py

cleanup: ## list data no longer needed in the running stack; to remove it: make cleanup ARGS="--apply"
	@$(INSTALL) stack
	@$(VENV)/python -m local cleanup -- $(ARGS)

screenshots: ## take a screenshot of every state, and update those in docs/images
	@$(INSTALL) tests
	@LOOKS=every $(VENV)/python -m pytest -q tests/browser/test_pictures.py tests/browser/test_pictures_of_talk.py tests/browser/test_stand_in_window.py -k picture
	@mkdir -p docs/images && cp test-results/screenshots/stand-in-window.png docs/images/ && cp test-results/screenshots/chat-wide-light.png test-results/screenshots/chat-wide-dark.png test-results/screenshots/chat-narrow-light.png docs/images/

sign-out: ## sign a user of the running stack out everywhere (a guest for good): make sign-out ARGS="USER_ID --apply"
	@$(INSTALL) stack
	@$(VENV)/python -m local revocation -- $(ARGS)

requirements: ## pin the Python packages of the *.in files; ARGS="--upgrade" picks the newest allowed versions
	@$(PYTHON) -m local.requirements $(ARGS)

audit: ## check all pinned packages for known vulnerabilities; needs the internet
	@$(PYTHON) -m local.audit

icons: ## generate the icons of the installable app from frontend/public/favicon.svg
	@$(INSTALL) tests
	@$(VENV)/python -m tests.browser.icons

confusables: ## regenerate the tables of confusable characters from Unicode's data
	@$(INSTALL) tests
	@$(VENV)/python -m tests.names.confusables

descriptions: ## regenerate docs/openapi.json and docs/asyncapi.json
	@$(INSTALL) tests
	@$(VENV)/python -m shared.descriptions

check: ## check formatting, lint and types, Python and frontend
	@$(INSTALL) tests
	@$(MAKE) --no-print-directory --jobs 2 check-python check-frontend

check-python:
	@$(VENV)/ruff format --check .
	@$(VENV)/ruff check .
	@$(VENV)/mypy

check-frontend:
	@npm --prefix frontend --silent run format:check
	@npm --prefix frontend --silent run lint
	@npm --prefix frontend --silent run typecheck

format: ## format the sources
	@$(INSTALL) tests
	@$(VENV)/ruff check --fix . ; $(VENV)/ruff format .
	@npm --prefix frontend --silent run format

clean: ## remove everything that was installed or built; chats in .chatr stay
	rm -rf .venv dist local/node_modules frontend/node_modules frontend/dist tests/emulator/javascript/node_modules
