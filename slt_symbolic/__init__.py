"""slt-symbolic: exact learning coefficients, with evidence.

>>> from slt_symbolic import closed_forms
>>> closed_forms["quadratic-generic"].at(d=4, p=3, K=5).lambda_
Fraction(29, 2)
"""

import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# A program of ours; -m until the module is found that Python is to run.
_IS_PROGRAM = any(Path(argument).name in ("slt", "-m") for argument in sys.argv[:1])

try:
    from slt_symbolic.closed_forms import Answer, Claim, ClosedForm, Evidence, claim, closed_form, closed_forms
    from slt_symbolic.engine import Resolution, rlct, rlct_over
    from slt_symbolic.errors import Contradiction, InvalidInput
    from slt_symbolic.germ.germ import Germ
    from slt_symbolic.threshold import Threshold
    if _IS_PROGRAM:
        import slt_symbolic.commands.main  # noqa: F401
except KeyboardInterrupt:  # in the first half second of a command
    if not _IS_PROGRAM:
        raise
    exec("")  # as in slt_symbolic.commands.ending
    print("interrupted", file=sys.stderr)
    raise SystemExit(130) from None

__all__ = ["Answer", "Claim", "ClosedForm", "Contradiction", "Evidence", "Germ", "InvalidInput", "Resolution",
           "Threshold", "__version__", "claim", "closed_form", "closed_forms", "rlct",
           "rlct_over"]

try:
    __version__ = version("slt-symbolic")
except PackageNotFoundError:  # a checkout that is on the path and not installed
    __version__ = "unknown"
