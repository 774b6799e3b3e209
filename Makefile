# make demo   set up and run the demo study; ends by naming the report
# make test   set up and run the tests
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test lint lock schemas clean

demo: $(READY)
	$(BIN)/snakemake --cores 2
	@$(BIN)/python benchmarks/stages.py
	@echo
	@echo "Cohort report:  results/shareable/report/index.html"
	@echo "Dyad pages:     results/private/report/index.html"

test: $(READY)
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile rules
	$(BIN)/mypy
	$(BIN)/snakemake --lint

# Versions and hashes of everything, for every platform; the conda files follow.
lock: $(READY)
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade -o envs/lock.txt
	$(BIN)/python envs/write.py

schemas: $(READY)
	$(BIN)/python -m dyads.schemas .

$(READY): envs/lock.txt envs/bootstrap.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("dyads needs Python 3.11 or newer; name one: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r envs/bootstrap.txt
	$(BIN)/uv pip install --python $(BIN)/python --require-hashes --compile-bytecode -r envs/lock.txt
	$(BIN)/uv pip install --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $(READY)

clean:
	rm -rf $(VENV) .snakemake
