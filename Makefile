# Everything runs from a clean clone with Python 3.11 or newer, make and git.
# `make help` lists the targets.

PYTHON := .venv/bin/python
INSTALLED := .venv/installed
EMBEDDED := $(PYTHON) -m portal.local.launcher
UV_VERSION := 0.13.9

PYTEST_ARGS ?=
RETRY_PAUSE ?= 3  # seconds before a download is tried again
ARGS ?= help
ONLY ?=

# These checks read the settings but need no server; `check --deploy` reads them as in production.
NO_SERVERS := DATABASE_URL=postgres://nobody@127.0.0.1:9/nothing REDIS_URL=redis://127.0.0.1:9/0
DEPLOYED := EMBEDDED=0 HTTPS=1 TRUSTED_PROXIES=10.0.0.0/24 ALLOWED_HOSTS=portal.example PORTAL_URL=https://portal.example \
	GATEWAY_URL=https://gateway.example/missed-call-ads/v0.1 \
	GATEWAY_TOKEN_URL=https://gateway.example/oauth2/token \
	EMAIL_URL=smtp+tls://portal:secret@mail.example:587 MAIL_FROM=no-responder@portal.example \
	OPERATOR_TEXTS=tests/operator_texts

export UV_PYTHON_DOWNLOADS := never
export PIP_DISABLE_PIP_VERSION_CHECK := 1
unexport PYTHONDONTWRITEBYTECODE  # without bytecode every process compiles Django anew

.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help run check test test-all lint types settings browser bench rehearse faults client manage screenshots \
	contract lock clean

help: ## print this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

run: $(INSTALLED) ## start the whole portal on 127.0.0.1 (PORT=8000); Ctrl-C stops it
	@$(EMBEDDED) run

check: $(INSTALLED) lint types settings ## the quick checks: all but tests of browsers and process trees
	@$(PYTHON) -m pytest -n 2 -m "not browser and not flow" $(PYTEST_ARGS)

test: $(INSTALLED) lint types settings browser ## every check and every test (PYTEST_ARGS="-k name")
	@$(PYTHON) -m pytest -n 4 $(PYTEST_ARGS)  # on two cores: half of the long tests wait

test-all: export LARGE := 1
test-all: test ## the same with the large samples (LARGE=1), which take much longer

lint: $(INSTALLED) ## format, style and safety (the rules of bandit are among them), templates, scripts
	@$(PYTHON) -m ruff format --check --quiet .
	@$(PYTHON) -m ruff check --quiet .
	@.venv/bin/djlint --lint --quiet templates
	@.venv/bin/oxlint --quiet --deny-warnings --format stylish static/js

types: $(INSTALLED) ## mypy
	@$(NO_SERVERS) $(EMBEDDED) exec -- $(PYTHON) -m mypy

settings: $(INSTALLED) ## migrations complete, settings fit for production
	@$(EMBEDDED) exec -- $(PYTHON) manage.py makemigrations --check
	@$(NO_SERVERS) $(DEPLOYED) $(EMBEDDED) exec -- $(PYTHON) manage.py check --deploy --fail-level WARNING

bench: $(INSTALLED) ## measure beside references (ONLY=text|inventory|admission|delivery|pages|bars|links|api|reports|results|exports|day); writes bench.json
	@$(PYTHON) -m tests.bench $(if $(ONLY),--only "$(ONLY)")

rehearse: $(INSTALLED) ## play a whole day of the channel on a portal of its own (ARGS="--orders 50")
	@$(EMBEDDED) rehearse -- --day $(filter-out help,$(ARGS))

faults: $(INSTALLED) ## play campaigns under every fault and kill, and compare (ARGS="--sequences 500 --seed 1")
	@$(PYTHON) -m tests.faults $(filter-out help,$(ARGS))

client: $(INSTALLED) ## build the wheel of the Python client that /api/ offers, in client/dist/
	@$(PYTHON) -m portal.local.client client/dist

manage: $(INSTALLED) ## manage.py on the data of `make run`: make manage ARGS="shell"
	@$(EMBEDDED) manage -- $(ARGS)

screenshots: $(INSTALLED) browser ## pictures of every page, in screenshots/
	@SCREENSHOTS=screenshots $(PYTHON) -m pytest --quiet tests/browser/test_every_page.py -k no_faults

contract: $(INSTALLED) ## publish the API's description; ARGS=--break lets it break clients
	@$(NO_SERVERS) $(EMBEDDED) exec -- $(PYTHON) manage.py publish_contract $(filter --break,$(ARGS))

lock: ## write the locked requirements from the .in files
	@for set in requirements requirements-dev; do \
	  $(PYTHON) -m uv pip compile --quiet --generate-hashes --universal --python-version 3.11 \
	    --no-header $$set.in --output-file $$set.txt; done

clean: ## delete the environment, the embedded data and all caches
	@if test -x $(PYTHON) && $(PYTHON) -c "import celery" 2>/dev/null; then $(EMBEDDED) clean; fi
	@rm -rf .venv .data .static .hypothesis .mypy_cache .pytest_cache .ruff_cache screenshots client/dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The browser of the tests is Debian's; another one is named by CHROMIUM. curl runs the quick start.
browser:
	@{ test -n "$(CHROMIUM)" || command -v chromium >/dev/null; } && command -v curl >/dev/null || { \
	  as_root=; test "$$(id -u)" = 0 || as_root="sudo -n"; \
	  install() { $$as_root env DEBIAN_FRONTEND=noninteractive sh -c 'apt-get update -qq && \
	    apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core curl' </dev/null \
	    >.venv/browser.log 2>&1; }; \
	  echo "Installing chromium and curl with apt-get."; \
	  install || { sleep 5; install; } || { tail -n 20 .venv/browser.log; \
	    echo "The tests need a browser and curl, and apt-get could not install them. As root:" \
	      "apt-get install chromium fonts-dejavu-core curl"; exit 1; }; }

# One environment for running and testing. The stamp is written last, so that an
# interrupted installation is done again. uv trusts the certificates of the system, then its own:
# behind a company's proxy only the former work. Output is shown only if every attempt failed.
$(INSTALLED): requirements-dev.txt
	@rm -f $@
	@$(PYTHON) -m pip --version >/dev/null 2>&1 || { \
	  for python in python3.11 python3 python3.12 python3.13 python3.14 none; do \
	    $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	  done; \
	  test $$python != none || { echo "Python 3.11 or newer is needed and was not found."; exit 1; }; \
	  echo "Making the environment .venv with $$($$python --version)."; \
	  $$python -m venv --clear .venv || { \
	    echo "$$python cannot make environments: install its venv module" \
	      "(Debian: apt-get install python3-venv)."; exit 1; }; }
	@echo "Installing the packages."; \
	log=.venv/install.log; : >$$log; \
	quietly() { "$$@" >>$$log 2>&1; }; \
	again() { sleep $(RETRY_PAUSE); quietly "$$@"; }; \
	pip="$(PYTHON) -m pip install --quiet --no-input"; \
	uv="$(PYTHON) -m uv"; \
	sync="$$uv pip sync --quiet --python $(PYTHON) --require-hashes $<"; \
	{ test "$$($$uv --version 2>/dev/null | cut -d' ' -f2)" = $(UV_VERSION) \
	  || quietly $$pip uv==$(UV_VERSION) || again $$pip uv==$(UV_VERSION); } \
	&& { quietly $$sync --system-certs || quietly $$sync || again $$sync --system-certs; } \
	|| { echo "Without uv: pip takes a minute."; \
	  quietly $$pip --require-hashes -r $< || again $$pip --require-hashes -r $<; } \
	|| { cat $$log; echo "The packages could not be installed. What was tried is above."; exit 1; }
	@touch $@
