"""``python -m derivations [NAME ...] [--out DIR]``: run derivations, printing each step that holds; write them to read."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from derivations import derivations
from derivations.commands import write_pages
from derivations.framework import StepFailed
from slt_symbolic.commands.arguments import Parser, output_folder
from slt_symbolic.commands.ending import run_program
from slt_symbolic.errors import InvalidInput


def main(arguments: Sequence[str]) -> int:
    """Run the named derivations, or all; exit code 0, 1 (a step fails) or 2 (bad input)."""
    parser = Parser(prog="python -m derivations", allow_abbrev=False, description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(derivations)}; default: all")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write NAME.md, NAME.html and an index, if all hold")
    return run_program(lambda: _run(parser.parse_args(arguments)))


def _run(options: argparse.Namespace) -> int:
    names = options.names or list(derivations)
    for name in names:
        if name not in derivations:
            raise InvalidInput(name, "has no derivation", f"one of {', '.join(derivations)}")
    try:
        with nullcontext() if options.out is None else output_folder(options.out) as out:
            for name in names:
                _derive(name)
            if out is not None:
                write_pages([derivations[name] for name in names], out)
    except StepFailed as failure:
        print(f"FAILS: {failure}", file=sys.stderr)
        return 1
    return 0


def _derive(name: str) -> None:
    print(f"{name}\n  {derivations[name].statement}")
    before = time.monotonic()
    for number, step in enumerate(derivations[name].run(), 1):
        now = time.monotonic()
        print(f"  {number}. {step.title}: holds ({now - before:.1f} s)", flush=True)
        before = now


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
