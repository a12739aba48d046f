# Each target makes its own environment: uv if it is there, else venv and pip.
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed

INSPECTOR := tests/clients/node_modules/.installed

.PHONY: demo test check format inspector clean

$(STAMP): pyproject.toml
	@if command -v uv >/dev/null 2>&1; then \
	  test -x $(PY) || uv venv -q $(VENV); \
	  uv pip install -q --python $(PY) -e . --group dev; \
	else \
	  test -x $(PY) || python3 -m venv $(VENV); \
	  $(PY) -m pip install -q --upgrade pip; \
	  $(PY) -m pip install -q -e . --group dev; \
	fi
	@touch $@

demo: $(STAMP)
	@$(VENV)/bin/ocr-mcp read examples/invoice.pdf

test: $(STAMP)
	$(PY) -m pytest -n 2 --dist loadfile

check: $(STAMP)
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/pyright
	$(VENV)/bin/lint-imports

format: $(STAMP)
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

# The MCP Inspector, for the tests in tests/clients; they are skipped without it.
inspector: $(INSPECTOR)

$(INSPECTOR): tests/clients/package.json
	cd tests/clients && npm install --no-package-lock --no-audit --no-fund --loglevel=error
	@touch $@

clean:
	rm -rf $(VENV) tests/clients/node_modules build dist .pytest_cache .ruff_cache .import_linter_cache
