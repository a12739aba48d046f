# Each target makes its own environment: uv if it is there, else venv and pip.
VENV := .venv
PY := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev
INSPECTOR := tests/clients/node_modules/.installed

DATA := ../shared/data

# Programs that are started again and again should not be compiled each time, wherever that was switched off.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-offline torture check bench eval format inspector lock audit clean

define install
	@if command -v uv >/dev/null 2>&1; then \
	  test -x $(PY) || uv venv -q $(VENV); \
	  uv pip install -q --compile-bytecode --python $(PY) $(1); \
	else \
	  test -x $(PY) || python3 -m venv $(VENV); \
	  $(PY) -m pip install -q --upgrade pip; \
	  $(PY) -m pip install -q $(1); \
	fi
	@touch $@
endef

$(INSTALLED): pyproject.toml
	$(call install,-e .)

$(INSTALLED_DEV): pyproject.toml
	$(call install,-e '.[eval]' --group dev)

demo: $(INSTALLED)
	@$(VENV)/bin/ocr-mcp read examples/invoice.pdf

test: $(INSTALLED_DEV)
	$(PY) -m pytest -n 2 --dist loadfile

# The same where nothing but this machine can be reached: no test may need more than loopback.
test-offline: $(INSTALLED_DEV)
	unshare --user --map-root-user --net $(PY) -m tests.offline -n 2 --dist loadfile

# Every script that tries to break it, with small counts; FULL=1 takes those of docs/security.md, some two hours.
torture: $(INSTALLED_DEV)
	$(PY) -m torture $(if $(FULL),,--quick)

check: $(INSTALLED_DEV)
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/pyright
	$(VENV)/bin/lint-imports

# Some six minutes; `make bench JSON=figures.json` also writes them. `make bench AGAINST=../other-checkout` measures that
# checkout too, in turn. docs/benchmarks.md says what is measured.
bench: $(INSTALLED_DEV)
	$(PY) -m benchmarks $(if $(JSON),--json $(JSON)) $(if $(AGAINST),--against $(AGAINST))

# How well pages are read, beside RapidOCR, Tesseract and pymupdf4llm: pages that are drawn with their true text (some two
# minutes), and the real pages of DATA where that folder is; docs/quality.md.
eval: $(INSTALLED_DEV)
	$(PY) -m benchmarks.quality $(DATA) $(foreach kind,$(ONLY),--only $(kind)) $(if $(JSON),--json $(JSON)) $(if $(SAVE),--save $(SAVE))

format: $(INSTALLED_DEV)
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

# The MCP Inspector, for the tests in tests/clients; they are skipped without it.
inspector: $(INSPECTOR)

$(INSPECTOR): tests/clients/package.json
	cd tests/clients && npm install --no-package-lock --no-audit --no-fund --loglevel=error
	@touch $@

# Every dependency's exact version and hashes, without the addresses that they came from.
lock:
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --python-version 3.11 pyproject.toml -o requirements.lock

# A bill of materials of what is locked (CycloneDX, checked against its schema), whether the lock file's hashes are those of
# the index, and known vulnerabilities. pip-audit skips what it cannot look up, hence --strict.
audit:
	uvx --from cyclonedx-bom cyclonedx-py requirements requirements.lock --pyproject pyproject.toml \
	  --output-format JSON --validate -o sbom.cdx.json
	uvx pip install --quiet --require-hashes --dry-run --ignore-installed -r requirements.lock
	@echo "sbom.cdx.json is written; every hash of requirements.lock is right."
	@uvx pip-audit --strict -r requirements.lock --disable-pip --no-deps 2>&1 | tee .audit.log; \
	if grep -q "No known vulnerabilities found" .audit.log; then exit 0; fi; \
	if grep -qE "could not be audited|ConnectionError|ConnectTimeout" .audit.log; then \
	  echo "NOTHING was looked up: no vulnerability service can be reached from here. Run it again where one can." >&2; exit 2; \
	fi; exit 1

clean:
	rm -rf $(VENV) tests/clients/node_modules build dist sbom.cdx.json .audit.log .pytest_cache .ruff_cache .import_linter_cache
