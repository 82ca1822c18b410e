"""``python -m derivations [NAME ...] [--out DIR]``: run derivations, printing each step that holds; write them to read."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import nullcontext

from derivations import derivations
from derivations.commands import write_pages
from derivations.framework import Held, StepFailed
from slt_symbolic.commands.arguments import Parser, folder_name, output_folder
from slt_symbolic.commands.ending import run_program
from slt_symbolic.errors import InvalidInput


def main(arguments: Sequence[str]) -> int:
    """Run the named derivations, or all; exit code 0, 1 (a step fails) or 2 (bad input)."""
    parser = Parser(prog="python -m derivations", allow_abbrev=False, description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(derivations)}; default: all")
    parser.add_argument("--out", type=folder_name, metavar="DIR", help="write NAME.md, NAME.html and an index, if all hold")
    return run_program(lambda: _run(parser.parse_args(arguments)))


def _run(options: argparse.Namespace) -> int:
    names = options.names or list(derivations)
    for name in names:
        if name not in derivations:
            raise InvalidInput(name, "has no derivation", f"one of {', '.join(derivations)}")
    try:
        with nullcontext() if options.out is None else output_folder(options.out) as out:
            runs = {name: _derive(name) for name in names}
            if out is not None:
                write_pages([derivations[name] for name in names], out, runs)
    except StepFailed as failure:
        print(f"FAILS: {failure}", file=sys.stderr)
        return 1
    return 0


def _derive(name: str) -> list[Held]:
    print(f"{name}\n  {derivations[name].statement}")
    run = []
    for number, held in enumerate(derivations[name].run(), 1):
        print(f"  {number}. {held.step.title}: holds ({held.seconds:.1f} s)", flush=True)
        run.append(held)
    return run


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
