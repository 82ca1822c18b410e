"""Random cases against the oracles: ``python -m tests.fuzz [--seconds S] [--seed N] [--oracle NAME]``."""
