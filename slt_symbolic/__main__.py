"""``python -m slt_symbolic`` is ``slt``."""

from slt_symbolic.commands.main import main

raise SystemExit(main())
