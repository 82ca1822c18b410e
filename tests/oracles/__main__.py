"""``python -m tests.oracles``: rewrite ``data/quadratic_generic.txt``."""

from tests.oracles.ranks import main

main()
