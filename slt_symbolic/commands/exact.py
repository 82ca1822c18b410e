"""Sub-commands of the exact core: ``list``, ``show``, ``at``, ``rlct``, ``check``."""

from __future__ import annotations

import argparse
import json
import sys
from importlib.metadata import entry_points
from pathlib import Path

from slt_symbolic.check.algebra.grammar import power_like
from slt_symbolic.check.budget import OverBudget
from slt_symbolic.check.core import verify
from slt_symbolic.check.file import read_certificate
from slt_symbolic.check.step import Refused
from slt_symbolic.closed_forms import closed_forms
from slt_symbolic.commands.arguments import Command, needs, print_json, sizes_of
from slt_symbolic.engine import Resolution, rlct
from slt_symbolic.errors import InvalidInput
from slt_symbolic.germ.file import GermFile, read_germ
from slt_symbolic.rendering import text
from slt_symbolic.rendering.explain import explanation
from slt_symbolic.storage.files import write_named


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="as JSON, one object an entry")


def _list(options: argparse.Namespace) -> int:
    rows = [{"name": entry.name, "parameters": [parameter.name for parameter in entry.parameters],
             "kind": entry.kind, "title": entry.title}
            for entry in closed_forms.values()]
    if options.json:
        print(json.dumps(rows, indent=2))
    for row in () if options.json else rows:
        print(f"{row['name']:28} ({', '.join(row['parameters'])})\n    {row['title']}")
    return 0


LIST = Command("the entries of the catalogue", ("list", "list --json"), _list_arguments, _list)


def _show_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="an entry of slt list")
    parser.add_argument("--format", choices=("text", "latex", "bibtex", "markdown", "json"), default="text",
                        help="default: text")


def _show(options: argparse.Namespace) -> int:
    entry = closed_forms[options.name]
    if options.format == "json":
        print(json.dumps(text.entry_json(entry), indent=2))
    else:
        formats = {"text": text.entry_text, "latex": text.entry_latex, "bibtex": text.entry_bibtex,
                   "markdown": text.entry_markdown}
        print(formats[options.format](entry))
    return 0


SHOW = Command("one entry: formula, domain, sources, evidence",
               ("show quadratic-generic", "show deep-linear --format latex"), _show_arguments, _show)


def _at_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="an entry of slt list")
    parser.add_argument("sizes", nargs="*", metavar="key=value",
                        help="for example p=5 K=3; pairs=FILE reads [[a, b], ...]")
    parser.add_argument("--json", action="store_true", help="the answer, and what was asked")


def _at(options: argparse.Namespace) -> int:
    answer = closed_forms[options.name].at(**sizes_of(options.sizes))
    if options.json:
        print_json(answer.to_json(), {"name": answer.name, "sizes": dict(answer.sizes)})
    else:
        print(text.answer_text(answer))
    return 0


AT = Command("lambda and m of one entry at concrete sizes",
             ("at quadratic-generic d=4 p=3 K=5", "at deep-linear widths=2-3-2 r=1 --json",
              "at modular-addition-generic p=7 K=8 pairs=FILE"), _at_arguments, _at)


def _rlct_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("generators", nargs="*", metavar="GEN",
                        help="polynomials; the loss is the sum of their squares")
    parser.add_argument("--file", type=Path, metavar="GERM.json",
                        help="the question from a file instead: generators or function, variables, at, where, ...")
    parser.add_argument("--vars", metavar="x,y", help="the variables (default: those that occur)")
    parser.add_argument("--at", metavar="x=1/2,y=0",
                        help="the point (default: the origin); x=any: the least over all real numbers")
    parser.add_argument("--where", metavar="c^2=2,0<c<2",
                        help="a real algebraic number for --at, by its equation and bounds that isolate it; several "
                             "between semicolons")
    parser.add_argument("--domain", metavar="x>=0,0<=t<=1",
                        help="bounds on coordinates: only the part of the neighbourhood inside counts")
    parser.add_argument("--prior", metavar="x=-1/2", help="the density |x|^(-1/2), by exponents above -1")
    parser.add_argument("--function", action="store_true", help="GEN is the loss itself")
    parser.add_argument("--certificate", type=Path, metavar="FILE", help="write the certificate")
    parser.add_argument("--explain", action="store_true", help="print the resolution: centres, charts, divisors")
    parser.add_argument("--pictures", type=Path, metavar="DIR",
                        help="draw the Newton polyhedron and the tree of charts")
    parser.add_argument("--timeout", type=float, default=10, metavar="S",
                        help="seconds of the whole call (default: 10)")
    parser.add_argument("--json", action="store_true", help="the answer, and what was asked")


def _rlct(options: argparse.Namespace) -> int:
    asked = _asked(options)
    answer = rlct(asked.generators, asked.variables, asked.at, where=asked.where, domain=asked.domain,
                  prior=asked.prior, function=asked.function, timeout=options.timeout)
    for name, write in (("certificate", _write), ("pictures", _draw)):
        path = getattr(options, name)
        try:
            if path is not None:
                write(answer, path)
        except OSError as error:
            raise InvalidInput(f"--{name} {path}", f"cannot be written ({error.strerror})", f"/tmp/{name}") from None
    powers = [] if asked.variables else power_like(asked.generators)
    if powers:
        verb = "is read as a variable" if len(powers) == 1 else "are read as variables"
        print(f"hint: {', '.join(powers)} {verb}; a power is written {powers[0][0]}^{powers[0][1:]}", file=sys.stderr)
    if options.json:
        print_json(answer.to_json())
    else:
        print(text.resolution_text(answer))
    if options.explain:
        print(explanation(answer.certificate), file=sys.stderr if options.json else sys.stdout)
    return 0


def _asked(options: argparse.Namespace) -> GermFile:
    """The question, as it was typed or from a file."""
    if options.file is not None:
        for given, argument in ((options.generators, "GEN"), (options.vars, "--vars"), (options.at, "--at"),
                                (options.where, "--where"), (options.domain, "--domain"),
                                (options.prior, "--prior"), (options.function, "--function")):
            if given:
                raise InvalidInput(f"--file {options.file}", f"is given beside {argument}: the file holds the question",
                                   "one of them")
        return read_germ(options.file)
    if not options.generators:
        raise InvalidInput("slt rlct", "no polynomial is given", "slt rlct 'x^2 - y^3', or --file GERM.json")
    variables = tuple(name.strip() for name in options.vars.split(",")) if options.vars else None
    return GermFile(tuple(options.generators), variables, _coordinates(options.at), options.where, options.function,
                    options.domain, options.prior)


def _write(answer: Resolution, path: Path) -> None:
    write_named(path, json.dumps(answer.certificate, indent=1) + "\n")


def _draw(answer: Resolution, folder: Path) -> None:
    """Drawn by whoever registered ``resolution`` in the group of entry points ``slt_symbolic.pictures``."""
    with needs("--pictures"):
        (point,) = entry_points(group="slt_symbolic.pictures", name="resolution")
        draw_resolution = point.load()
    for path in draw_resolution(answer.certificate, folder):
        print(f"wrote {path}", file=sys.stderr)


def _coordinates(typed: str | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in typed.split(",") if typed else ():
        name, equals, value = part.partition("=")
        if not equals or name.strip() in found:
            raise InvalidInput(f"--at {typed}", f"{part!r} is not name=value, each name once", "--at x=1/2,y=0")
        found[name.strip()] = value.strip()
    return found


RLCT = Command("the real log canonical threshold of polynomials at a point, with a certificate",
               ("rlct 'x^2' 'y^3'", "rlct '(y^2-x^3)^3+x^10' --certificate cusps.json",
                "rlct 'x^2+y^4' --function --json", "rlct '(x^2-2)^2-y^3' --at x=c --where 'c^2=2,0<c<2'",
                "rlct 'x+y' --domain 'x>=0,y>=0'", "rlct x --prior x=-1/2", "rlct --file germ.json"),
               _rlct_arguments, _rlct, takes_polynomials=True)


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a certificate that slt rlct or slt export wrote")


def _check(options: argparse.Namespace) -> int:
    example = "a certificate written by slt rlct --certificate FILE"
    if options.file.exists() and not options.file.is_file():
        raise InvalidInput(str(options.file), "is no regular file", example)
    try:
        statement = verify(read_certificate(options.file))
    except Refused as error:
        print(f"refused: {error}", file=sys.stderr)
        return 1
    except OverBudget as error:
        print(f"over budget: {error}", file=sys.stderr)
        return 3
    except OSError as error:
        raise InvalidInput(str(options.file), f"cannot be read ({error.strerror})", example) from None
    except ValueError:
        raise InvalidInput(str(options.file), "is not JSON", example) from None
    print(text.statement_text(statement))
    return 0


CHECK = Command("verify a certificate and print the statement that it proves", ("check cusps.json",),
                _check_arguments, _check)
