"""``python -m slt_symbolic`` is ``slt``."""

from slt_symbolic.cli import main

raise SystemExit(main())
