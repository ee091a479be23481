# Each target sets up what it needs. Only Python 3.11 to 3.13, git and make must be there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# bytecode is compiled once, while installing: an environment without it imports TensorFlow in 10 s
export PYTHONDONTWRITEBYTECODE :=
# tests of one module share what they make, so a module stays in one process
AT_ONCE := --numprocesses logical --maxprocesses 4 --dist loadscope --no-loadscope-reorder

.PHONY: setup demo test test-fast ui docs tour lint format bench lock clean

setup: $(VENV)/.done

$(VENV)/.done: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "error: $$($(PYTHON) --version) found, Python 3.11 to 3.13 needed: make PYTHON=python3.11 ..." >&2; exit 2; }
	@$(PYTHON) -m venv --clear $(VENV)
	@echo "installing the pinned packages into $(VENV) (about 4 GB; some minutes the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup
	@$(BIN)/ravdess-exp

test: setup
	@$(BIN)/python -m pytest $(AT_ONCE)

test-fast: setup
	@$(BIN)/python -m pytest $(AT_ONCE) -m "not slow"

ui: setup
	@$(BIN)/ravdess-exp ui

# The pages of docs/ as a site in outputs/site; a link that leads nowhere ends it.
docs: setup
	@$(BIN)/mkdocs build --strict --quiet
	@echo "outputs/site/index.html"

# Runs docs/tour.ipynb in an empty folder and keeps what its cells give.
tour: setup
	@$(BIN)/python scripts/run_tour.py

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: setup
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# On a machine that does nothing else; it takes long. CLIPS=FOLDER: on these, not on the demo corpus;
# RUN=FOLDER: the model that predicts them.
bench: setup
	@$(BIN)/python scripts/bench_prepare.py $(CLIPS)
	@$(BIN)/python scripts/bench_train.py
	@$(BIN)/python scripts/bench_startup.py $(CLIPS)
	@$(BIN)/python scripts/bench_study.py $(CLIPS)
	@$(BIN)/python scripts/bench_growth.py
	@$(BIN)/python scripts/bench_models.py
	@$(BIN)/python scripts/bench_faces.py $(or $(CLIPS),outputs/demo)
	@$(if $(RUN),$(BIN)/python scripts/bench_predict.py $(RUN) $(CLIPS)/*/*-02-02-01.mp4)
	@$(if $(RUN),$(BIN)/python scripts/bench_page.py $(RUN) $(CLIPS)/*/*-02-02-01.mp4)
	@$(BIN)/python scripts/bench_report.py

# Pins every package and its hashes anew; needs `pip install uv`.
lock:
	uv pip compile pyproject.toml requirements-build.in --all-extras --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --quiet -o requirements.txt
	uv pip compile requirements-gpu.in --constraint requirements.txt --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --quiet -o requirements-gpu.txt

clean:
	rm -rf $(VENV)
