# Thin: tools/dev.py does the work, here and on machines without make.
PYTHON ?= python3

.DEFAULT_GOAL := help
.PHONY: help run setup serve test check bench drill lock messages migration

help run setup serve test check bench drill lock messages migration:
	@exec $(PYTHON) tools/dev.py $@ $(ARGS)
