"""Run it: ``python -m numerics.studies.foresight``."""

import sys

from numerics.studies.foresight.study import main

raise SystemExit(main(sys.argv[1:]))
