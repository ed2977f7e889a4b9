# make run | test | test-on | bench | soak | setup | lint | verifier. Everything lands in .venv; nothing else on the machine is
# touched, except that tests as root may install a browser and libfaketime with apt. WORKERS is the number of tests that
# run at once; T=path::name is one test or folder; DAY=2027-03-10 or 2027-03-10T00:30 (Shanghai) is another day for all of it.
# KILLS is how often `make soak` kills the service or its database under load.

PORT ?= 8000
XIAOHAO_HOME ?= .home
PYTHON ?= python3
WORKERS ?= 2
T ?= tests
PYTEST := -q -n $(WORKERS) --dist worksteal $(T)
BIN := .venv/bin

.PHONY: run test test-on faketime bench soak setup lint browser verifier

run: .venv/ready
	@exec $(BIN)/xiaohao serve --home "$(XIAOHAO_HOME)" --port $(PORT) --training

test: .venv/dev browser faketime
	$(BIN)/python -m pytest $(PYTEST)

test-on: .venv/dev browser faketime
	$(BIN)/python -m tests.on_day "$(DAY)" $(PYTEST)

bench: .venv/dev
	$(BIN)/python -m tests.bench $(ONLY)

soak: .venv/ready
	$(BIN)/python -m tests.soak $(KILLS)

verifier: .venv/ready
	@$(BIN)/xiaohao verifier -o xiaohao-verify.pyz

setup: .venv/dev

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

browser:
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	  && { apt-get install -y -qq chromium fonts-noto-cjk || { apt-get update -qq \
	  && apt-get install -y -qq chromium fonts-noto-cjk; }; } >/dev/null 2>&1; } \
	  || echo "no chromium here and no right to install it: the tests in a browser are skipped"

faketime:
	@ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	  && { apt-get install -y -qq libfaketime || { apt-get update -qq && apt-get install -y -qq libfaketime; }; } \
	  >/dev/null 2>&1; } || true

# uv is fast, and asks nobody while it has all wheels already; the pip of PYTHON fetches it, or one of .venv's own
# where PYTHON has none. Where uv can't be had or can't reach the registry, pip does the same slowly. A set-up that was cut
# off is begun again.
INSTALL := install -q --require-hashes -r requirements.lock
ITSELF := install -q --no-deps -e .
PIP := --disable-pip-version-check
.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("couldn'"'"'t set up: Python 3.11 or newer is needed, \
	this is " + sys.version.split()[0] + "; name another one with PYTHON=")'
	@cd interface/kit/static/vendor && sha256sum --check --quiet sha256.txt \
	  || { echo "couldn't set up: a vendored file is not what it was; see interface/kit/static/vendor/sha256.txt"; exit 1; }
	@$(PYTHON) -m venv --without-pip .venv
	@[ -x $(BIN)/uv ] || $(PYTHON) -m pip $(PIP) --python $(BIN)/python install -q uv 2>/dev/null \
	  || { $(PYTHON) -m venv .venv && $(BIN)/pip $(PIP) install -q uv; } >/dev/null 2>&1 || true
	@export VIRTUAL_ENV="$(CURDIR)/.venv" UV_NATIVE_TLS=1 UV_SYSTEM_CERTS=1; \
	  { [ -x $(BIN)/uv ] && { $(BIN)/uv pip $(INSTALL) --offline 2>/dev/null || $(BIN)/uv pip $(INSTALL) 2>/dev/null; } \
	    && { $(BIN)/uv pip $(ITSELF) --offline 2>/dev/null || $(BIN)/uv pip $(ITSELF) 2>/dev/null; }; } \
	  || { { $(PYTHON) -m venv .venv || { echo "couldn't make .venv: install Debian's package python3-venv"; exit 1; }; } \
	    && $(BIN)/pip $(PIP) $(INSTALL) && $(BIN)/pip $(PIP) $(ITSELF); }
	@touch $@

# Tests, lint and benchmarks need more than the service does; whoever only serves installs none of it.
DEV := install -q --require-hashes -r requirements.lock -r requirements-dev.lock
.venv/dev: .venv/ready requirements-dev.lock
	@export VIRTUAL_ENV="$(CURDIR)/.venv" UV_NATIVE_TLS=1 UV_SYSTEM_CERTS=1; \
	  { [ -x $(BIN)/uv ] && { $(BIN)/uv pip $(DEV) --offline 2>/dev/null || $(BIN)/uv pip $(DEV) 2>/dev/null; }; } \
	  || $(BIN)/pip $(PIP) $(DEV)
	@touch $@
