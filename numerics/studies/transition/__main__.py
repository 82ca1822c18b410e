"""Run it: ``python -m numerics.studies.transition``."""

import sys

from numerics.studies.transition.study import main

raise SystemExit(main(sys.argv[1:]))
