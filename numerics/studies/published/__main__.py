"""Run it: ``python -m numerics.studies.published``."""

import sys

from numerics.studies.published.study import main

raise SystemExit(main(sys.argv[1:]))
