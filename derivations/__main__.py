"""``python -m derivations [NAME ...]``: run derivations, printing each step that holds."""

from __future__ import annotations

import sys

from derivations import derivations
from derivations.framework import StepFailed
from slt_symbolic.errors import InvalidInput


def main(names: list[str]) -> int:
    """Run the named derivations, or all; exit code 0, 1 (a step fails) or 2 (no such derivation)."""
    if {"-h", "--help"} & set(names):
        print(f"{__doc__}\n\nderivations: {', '.join(derivations)}")
        return 0
    for name in names:
        if name not in derivations:
            error = InvalidInput(name, "has no derivation", f"one of {', '.join(derivations)}")
            print(f"error: {error}", file=sys.stderr)
            return 2
    for name in names or list(derivations):
        derivation = derivations[name]
        print(f"{name}\n  {derivation.statement}")
        try:
            for number, step in enumerate(derivation.run(), 1):
                print(f"  {number}. {step.title}: holds")
        except StepFailed as failure:
            print(f"  FAILS: {failure}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
