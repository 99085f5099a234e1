# make run: serve the chat over seeds/.   make test: run the tests.
# Another Python: make PYTHON=python3.12 run.   Another folder: make run SOURCE=~/documents

PYTHON ?= python3
SOURCE ?= seeds
INDEX ?= index
PORT ?= 7860

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev
PIP := $(BIN)/python -m pip --disable-pip-version-check
LOCKED := $(PIP) install --quiet --no-deps --require-hashes --only-binary :all:

.PHONY: run install index test check format lock clean

run: index
	@$(BIN)/trichdan serve --index $(INDEX) --port $(PORT)

install: $(INSTALLED)

index: $(INSTALLED)
	@$(BIN)/trichdan index --source $(SOURCE) --index $(INDEX)

test: $(INSTALLED_DEV)
	@$(BIN)/python tools/ensure_programs.py
	@$(BIN)/python -m pytest

check: $(INSTALLED_DEV)
	$(PIP) check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@$(BIN)/python tools/ensure_programs.py
	$(BIN)/python -m pytest

format: $(INSTALLED_DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(INSTALLED_DEV)
	@$(BIN)/python -m tools.lock $(if $(UPGRADE),--upgrade)

clean:
	rm -rf $(VENV) index .mypy_cache .ruff_cache .pytest_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name it with: make PYTHON=python3.12 run"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { echo "no virtual environment could be made; on Debian: apt install python3-venv"; exit 1; }

# PyTorch's CPU build is taken if pip is told where it is; the other needs NVIDIA's libraries.
$(INSTALLED): pyproject.toml requirements.txt requirements-cpu.txt requirements-cuda.txt | $(BIN)/python
	@echo "Installing into $(VENV); this happens once and takes a few minutes."
	@$(LOCKED) -r requirements-cpu.txt 2>$(VENV)/cpu.log \
		|| ! grep 'DO NOT MATCH THE HASHES' -A 9 $(VENV)/cpu.log
	@$(LOCKED) -r requirements.txt
	@! $(PIP) show torch | grep -q '^Requires:.*cuda' || $(LOCKED) -r requirements-cuda.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(INSTALLED_DEV): $(INSTALLED) requirements-dev.txt
	@$(LOCKED) -r requirements-dev.txt
	@touch $@
