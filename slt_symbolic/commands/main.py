"""``slt``: finds the sub-command and runs it. Exit 0: answered; 1: a disagreement; 2: bad input, one line on stderr."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from functools import partial
from importlib.metadata import EntryPoint, entry_points, version

from slt_symbolic.commands.arguments import Command, Parser
from slt_symbolic.commands.ending import exit_code_of, run_program
from slt_symbolic.errors import InvalidInput
from slt_symbolic.storage.signals import held_back

GROUP = "slt_symbolic.commands"  # of entry points: each package registers its own sub-commands


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    return run_program(partial(_run, list(sys.argv[1:] if arguments is None else arguments)))


def _run(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(overview())
        return 0
    name, *rest = arguments
    if name == "--version":
        print(f"slt-symbolic {version('slt-symbolic')}")
        return 0
    known = registered()
    if name not in known:
        near = get_close_matches(name, known, n=1)
        raise InvalidInput(name, "is no command", f"slt {near[0]}" if near else f"one of {', '.join(known)}")
    _require_working_folder()  # libraries end the process without it
    command: Command = known[name].load()
    try:
        typed = _protected(rest) if command.takes_polynomials else rest
        with held_back():  # argparse, interrupted, ends with an error of its own
            options = parser_of(name, command).parse_intermixed_args(typed)
    except SystemExit as asked_for_help:
        return int(asked_for_help.code or 0)
    return exit_code_of(partial(command.run, options), command.resumes)


def _require_working_folder() -> None:
    try:
        os.getcwd()
    except FileNotFoundError:
        raise InvalidInput("the working folder", "is gone", "cd to one that is there") from None


def _protected(arguments: Sequence[str]) -> list[str]:
    """A polynomial may start with a minus; argparse takes it for one if a blank comes first."""
    return [f" {a}" if re.match(r"-[^-h]|-h.", a) else a for a in arguments]


def registered() -> dict[str, EntryPoint]:
    """The sub-commands of all packages that are installed, in the order of their names."""
    return {point.name: point for point in sorted(entry_points(group=GROUP), key=lambda point: point.name)}


def parser_of(name: str, command: Command) -> Parser:
    """The parser of a sub-command; options stand anywhere."""
    examples = "".join(f"\n  slt {example}" for example in command.examples)
    parser = Parser(prog=f"slt {name}", description=command.help, allow_abbrev=False, epilog=f"examples:{examples}",
                    formatter_class=argparse.RawDescriptionHelpFormatter)
    command.arguments(parser)
    return parser


def overview() -> str:
    """The sub-commands with what they do."""
    commands: dict[str, Command] = {name: point.load() for name, point in registered().items()}
    width = max(map(len, commands))
    lines = "\n".join(f"  {name:{width}}  {command.help}" for name, command in commands.items())
    return (f"usage: slt COMMAND ...\n\nExact learning coefficients, with evidence.\n\n{lines}\n\n"
            "slt COMMAND --help shows what a command takes, slt --version the version.")
