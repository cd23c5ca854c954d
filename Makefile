# Thin: tools/dev.py does the work, here and on machines without make.
PYTHON ?= python3

.DEFAULT_GOAL := help
.PHONY: help run test check bench drill lock messages

help run test check bench drill lock messages:
	@exec $(PYTHON) tools/dev.py $@ $(ARGS)
