"""Run it: ``python -m numerics.studies.tracking``."""

import sys

from numerics.studies.tracking.study import main

raise SystemExit(main(sys.argv[1:]))
