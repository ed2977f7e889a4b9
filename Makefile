# make run | test | bench | setup | lint. Everything lands in .venv; nothing else on the machine is touched,
# except that `make test` as root may install a browser with apt.

PORT ?= 8000
XIAOHAO_HOME ?= .home
PYTHON ?= python3
BIN := .venv/bin
export XIAOHAO_HOME

.PHONY: run test bench setup lint browser

run: .venv/ready
	@$(BIN)/xiaohao serve --home "$(XIAOHAO_HOME)" --port $(PORT) --training

test: .venv/ready browser
	$(BIN)/python -m pytest -q

bench: .venv/ready
	$(BIN)/python -m tests.bench $(ONLY)

setup: .venv/ready

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

browser:
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	  && apt-get install -y -qq chromium fonts-noto-cjk >/dev/null; } \
	  || echo "no chromium here: the tests in a browser are skipped"

.venv/bin/uv:
	$(PYTHON) -m venv .venv
	-@$(BIN)/pip install -q --disable-pip-version-check uv

# uv is fast; where it can't be had, pip does the same.
.venv/ready: requirements.lock pyproject.toml .venv/bin/uv
	@if [ -x $(BIN)/uv ]; then \
	  $(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements.lock \
	  && $(BIN)/uv pip install -q --python $(BIN)/python --no-deps -e .; \
	else \
	  $(BIN)/pip install -q --require-hashes -r requirements.lock && $(BIN)/pip install -q --no-deps -e .; \
	fi
	@touch $@
