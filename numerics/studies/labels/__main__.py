"""Run it: ``python -m numerics.studies.labels``."""

import sys

from numerics.studies.labels.study import main

raise SystemExit(main(sys.argv[1:]))
