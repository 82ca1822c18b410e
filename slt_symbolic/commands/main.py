"""The command line. Exit 0: answered; 1: a disagreement; 2: bad input, one line on stderr."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

from slt_symbolic.check.budget import OverBudget
from slt_symbolic.check.core import verify as verify_certificate
from slt_symbolic.check.file import read_certificate
from slt_symbolic.check.grammar import power_like
from slt_symbolic.check.step import Refused
from slt_symbolic.closed_forms import Claim, Entry, closed_forms
from slt_symbolic.engine import Resolution, rlct
from slt_symbolic.errors import Contradiction, InvalidInput
from slt_symbolic.free_energy.basins import Basin, Comparison, basin_of_entry
from slt_symbolic.rendering import text as printing
from slt_symbolic.rendering.explain import explanation

LARGEST_PAIRS_FILE = 2**26


class Parser(argparse.ArgumentParser):
    """argparse with our one-line errors."""

    def error(self, message: str) -> NoReturn:
        raise InvalidInput(self.prog, message, f"{self.prog} --help")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without · is no reason to fail
    given = sys.argv[1:] if arguments is None else arguments
    try:
        if not given:
            _parser().print_help()
            return 0
        options = _parser().parse_args(_with_leading_minus(given))
        code = int(options.run(options))
        sys.stdout.flush()
        return code
    except InvalidInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except Contradiction as error:
        print(f"contradiction: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        # Nobody reads on, or the disk is full; what is left in the buffer must not fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"error: output: cannot be written ({error.strerror})", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


def _with_leading_minus(arguments: Sequence[str]) -> list[str]:
    """A polynomial may start with a minus; argparse takes it for one if a blank comes first."""
    return [f" {a}" if re.match(r"-[^-h]|-h.", a) and arguments[0] == "rlct" else a for a in arguments]


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="slt", allow_abbrev=False, description="Exact learning coefficients, with evidence.")
    parser.add_argument("--version", action="version", version=f"slt-symbolic {version('slt-symbolic')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
        sub.set_defaults(run=run)
        return sub

    verify = command("verify", _verify, "derive, certify and cross-check the catalogue; print the table")
    verify.add_argument("names", nargs="*", metavar="NAME", help="entries (default: all)")
    verify.add_argument("--level", choices=("fast", "full"), default="fast", help="full adds the published size")
    verify.add_argument("--out", type=Path, default=Path("report"), metavar="DIR", help="default: report/")
    verify.add_argument("--json", action="store_true", help="print the report as JSON")

    listing = command("list", _list, "the entries of the catalogue")
    listing.add_argument("--json", action="store_true")

    show = command("show", _show, "one entry: formula, domain, sources, evidence")
    show.add_argument("name", metavar="NAME")
    show.add_argument("--format", choices=("text", "latex", "markdown", "json"), default="text")

    export = command("export", _export, "the catalogue as LaTeX, Markdown and JSON, with certificates and derivations")
    export.add_argument("--out", type=Path, default=Path("export"), metavar="DIR", help="default: export/")

    at = command("at", _at, "lambda and m of one entry at concrete sizes")
    at.add_argument("name", metavar="NAME")
    at.add_argument("sizes", nargs="*", metavar="key=value", help="for example p=5 K=3; pairs=FILE reads [[a, b], ...]")
    at.add_argument("--json", action="store_true")

    llc = command("llc", _llc, "estimate the local learning coefficient by sampling and compare with the exact value")
    llc.add_argument("name", metavar="NAME")
    llc.add_argument("sizes", nargs="*", metavar="key=value", help="as for slt at")
    llc.add_argument("--point", choices=("exact", "trained"), default="exact",
                     help="the entry's own point, or where training from a random start ends (default: exact)")
    llc.add_argument("--sampler", choices=("hmc", "sgld"), default="hmc", help="default: hmc")
    for option, kind, meaning in (
            ("nbeta", float, "inverse temperature (default: as cold as the loss allows)"),
            ("gamma", float, "localisation (default: from the curvature)"),
            ("step-size", float, "in units of the width of the posterior (default: adapted)"),
            ("chains", int, "chains at each temperature"), ("draws", int, "draws of each chain after the burn-in")):
        llc.add_argument(f"--{option}", type=kind, metavar="N" if kind is int else "X", help=meaning)
    llc.add_argument("--seed", type=int, default=0, metavar="N", help="of the sampler, and of the first training start")
    llc.add_argument("--json", action="store_true")

    grok = command("grok", _grok, "train quadratic networks on modular arithmetic until they generalise; killed and "
                   "started again with the same command, it goes on")
    grok.add_argument("--p", type=int, required=True, metavar="P", help="the modulus (published: 53)")
    grok.add_argument("--width", "--K", type=int, required=True, metavar="K", help="units (published: 1024)")
    grok.add_argument("--operation", choices=("add", "sub", "mul", "sumsq"),
                      help="what gives the label; sumsq: a^2 + b^2 (default: add)")
    for option, kind, meaning in (
            ("fraction", float, "share of the pairs to train on (default: 0.4)"),
            ("lr", float, "learning rate of Adam (default: 1e-3)"),
            ("weight-decay", float, "coupled: times the weights it joins the gradient (default: 1e-5)"),
            ("batch", int, "samples of a step (default: 128)"),
            ("epochs", int, "at most; the run ends once every seed has held a validation accuracy of 0.95 for 1000 of "
             "them (default: 100000)"),
            ("seed", int, "the first seed: of training pairs, start and order (default: 0)"),
            ("seeds", int, "number of networks, trained side by side (default: 1)")):
        grok.add_argument(f"--{option}", type=kind, metavar="N" if kind is int else "X", help=meaning)
    grok.add_argument("--precision", choices=("float32", "float64"), help="default: float32")
    grok.add_argument("--out", type=Path, required=True, metavar="DIR", help="networks, history, checkpoints")
    grok.add_argument("--no-track", action="store_true",
                      help="train only; by default the LLC is then measured along the run and report.md written")

    sweep = command("sweep", _sweep, "run a grid of grok, llc and verify jobs; killed and started again with the same "
                    "command, it goes on")
    sweep.add_argument("file", type=Path, metavar="FILE.toml",
                       help="tables [[grok]], [[llc]], [[verify]]; their lists are crossed")
    sweep.add_argument("--backend", choices=("joblib", "dask"), default="joblib",
                       help="processes of this machine, or a Dask cluster (default: joblib)")
    sweep.add_argument("--scheduler", metavar="URL",
                       help="of a Dask cluster that runs, tcp://HOST:8786 (default: start one on this machine)")
    sweep.add_argument("--workers", type=int, metavar="N", help="started on this machine (default: one for each core)")
    sweep.add_argument("--out", type=Path, required=True, metavar="DIR", help="cells, table.csv, summary.png; of a "
                       "cluster a folder that all its workers share")

    compare = command("compare", _compare, "which of two basins of a posterior has the smaller free energy")
    for name in ("a", "b"):
        compare.add_argument(name, metavar=name.upper(), help="FILE.npz, a trained network, or NAME:key=value,... "
                             "with loss=X in nats per sample where it is not 0")
    compare.add_argument("n", metavar="n=N", help="number of samples, times the inverse temperature")
    compare.add_argument("--json", action="store_true")

    diagnose = command("diagnose", _diagnose, "what a trained quadratic network on modular addition is")
    diagnose.add_argument("file", type=Path, metavar="FILE", help="FILE.npz, or a torch state dict .pt or .pth")
    diagnose.add_argument("--pairs", metavar="FILE", help="JSON list of [a, b], the training set (default: the file's)")
    diagnose.add_argument("--operation", metavar="NAME", help="add, sub, mul or sumsq (default: the file's, or add)")
    diagnose.add_argument("--centred", choices=("true", "false"), help="default: the file's, or true")
    diagnose.add_argument("--json", action="store_true")

    rlct = command("rlct", _rlct, "the real log canonical threshold of polynomials at a point, with a certificate")
    rlct.add_argument("generators", nargs="+", metavar="GEN", help="polynomials; the loss is the sum of their squares")
    rlct.add_argument("--vars", metavar="x,y", help="the variables (default: those that occur)")
    rlct.add_argument("--at", metavar="x=1/2,y=0", help="the point (default: the origin)")
    rlct.add_argument("--function", action="store_true", help="GEN is the loss itself")
    rlct.add_argument("--certificate", type=Path, metavar="FILE", help="write the certificate")
    rlct.add_argument("--explain", action="store_true", help="print the resolution: centres, charts, divisors")
    rlct.add_argument("--pictures", type=Path, metavar="DIR", help="draw the Newton polyhedron and the tree of charts")
    rlct.add_argument("--timeout", type=float, default=10, metavar="S", help="seconds of the whole call (default: 10)")
    rlct.add_argument("--json", action="store_true")

    check = command("check", _check, "verify a certificate and print the statement that it proves")
    check.add_argument("file", type=Path, metavar="FILE")
    return parser


def _list(options: argparse.Namespace) -> int:
    rows = [{"name": entry.name, "parameters": [parameter.name for parameter in entry.parameters],
             "kind": "claim" if isinstance(entry, Claim) else "closed form", "title": entry.title}
            for entry in closed_forms.values()]
    if options.json:
        print(json.dumps(rows, indent=2))
    for row in () if options.json else rows:
        print(f"{row['name']:28} ({', '.join(row['parameters'])})\n    {row['title']}")
    return 0


def _show(options: argparse.Namespace) -> int:
    entry = _entry(options.name)
    if options.format == "json":
        print(json.dumps(printing.entry_json(entry), indent=2))
    else:
        formats = {"text": printing.entry_text, "latex": printing.entry_latex, "markdown": printing.entry_markdown}
        print(formats[options.format](entry))
    return 0


def _export(options: argparse.Namespace) -> int:
    from derivations import derivations
    from derivations.render import write
    from slt_symbolic.rendering.export import export

    out = output_folder(options.out)
    export(list(closed_forms.values()), out)
    write(list(derivations.values()), output_folder(out / "derivations"))
    return 0


def _at(options: argparse.Namespace) -> int:
    answer = _entry(options.name).at(**_sizes(options.sizes))
    print(json.dumps(answer.to_json(), indent=2) if options.json else printing.answer_text(answer))
    return 0


def _verify(options: argparse.Namespace) -> int:
    entries = [_entry(name) for name in options.names] or list(closed_forms.values())
    with _numerics_extra("slt verify"):
        from numerics.verification.verify import verify
    output_folder(options.out)
    report = verify(entries, level=options.level, out=options.out)
    print(json.dumps(report.to_json(), indent=2) if options.json else report.to_text())
    return 0 if report.agrees else 1


@contextlib.contextmanager
def _numerics_extra(argument: str, extra: str = "numerics") -> Iterator[None]:
    """Imports from `numerics`: ``argument`` needs what the exact core is installed without."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise InvalidInput(argument, f"needs the {extra} extra ({error.name} is not installed)",
                           f"pip install 'slt-symbolic[{extra}]'") from None


def output_folder(path: Path) -> Path:
    """The folder that ``--out`` names, made if it is not there."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"--out {path}", f"cannot be a directory ({error.strerror})", "--out report") from None
    return path


def _llc(options: argparse.Namespace) -> int:
    sizes = _sizes(options.sizes)
    with _numerics_extra("slt llc"):
        from numerics.estimation.estimate import EstimateError, Settings
        from numerics.estimation.llc import NoMinimiser, entry_text, llc_of_entry
    settings = Settings(sampler=options.sampler, nbeta=options.nbeta, gamma=options.gamma, step_size=options.step_size,
                        chains=options.chains, draws=options.draws, seed=options.seed)
    try:
        found = llc_of_entry(options.name, sizes, point=options.point, settings=settings, progress=True)
    except (EstimateError, NoMinimiser) as error:
        if options.json:
            print(json.dumps({"error": str(error), "partial": getattr(error, "partial", {})}, indent=2))
        else:
            print(f"no estimate: {error}", file=sys.stderr)
        return 1
    print(json.dumps(found.to_json(), indent=2) if options.json else entry_text(found))
    return 1 if found.agreement.contradicts else 0


def _grok(options: argparse.Namespace) -> int:
    with _numerics_extra("slt grok"):
        from numerics.grokking.run import Diverged, run, summary
        from numerics.grokking.settings import Settings
        from numerics.grokking.track import track
    given = {name: value for name, value in vars(options).items()
             if value is not None and name not in ("command", "run", "out", "no_track")}
    settings = Settings(**given)
    folder = output_folder(options.out)
    try:
        position = run(settings, folder, progress=True)
    except Diverged as error:
        print(f"diverged: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        raise InvalidInput(f"--out {folder}", f"cannot be written or read ({error.strerror}); what was saved is kept",
                           "the same command when this is mended: it goes on") from None
    print("\n".join(summary(settings, position)), flush=True)
    if not options.no_track:
        track(folder)
    return 0


def _sweep(options: argparse.Namespace) -> int:
    if options.scheduler is not None and options.backend != "dask":
        raise InvalidInput(f"--scheduler {options.scheduler}", "is for --backend dask", "--backend dask with it")
    if options.scheduler is not None and options.workers is not None:
        raise InvalidInput(f"--workers {options.workers}", "is for workers started here; a scheduler has its own",
                           "without --workers")
    if options.workers is not None and options.workers < 1:
        raise InvalidInput(f"--workers {options.workers}", "must be an integer >= 1", "--workers 2")
    with _numerics_extra("slt sweep"):
        from numerics.sweep.file import read_sweep
        from numerics.sweep.local import local
        from numerics.sweep.sweep import sweep
    cells = read_sweep(options.file)
    folder = output_folder(options.out).resolve()
    if options.backend == "dask":
        with _numerics_extra("--backend dask", "cluster"):
            from numerics.sweep.dask import dask
        backend = dask(options.scheduler, options.workers)
    else:
        backend = local(options.workers)
    try:
        with backend as workers:
            outcome = sweep(cells, folder, workers)
    except OSError as error:
        raise InvalidInput(f"--out {folder}", f"cannot be written or read ({error.strerror}); what was saved is kept",
                           "the same command when this is mended: it goes on") from None
    print(outcome.summary())
    print(f"wrote {options.out / 'table.csv'} and summary.png")
    return 0 if outcome.agrees else 1


def _compare(options: argparse.Namespace) -> int:
    n = _large_parameter(options.n)  # before networks are polished
    found = Comparison(_basin(options.a), _basin(options.b), n)
    print(json.dumps(found.to_json(), indent=2) if options.json else printing.comparison_text(found))
    return 0


def _diagnose(options: argparse.Namespace) -> int:
    with _numerics_extra("slt diagnose"):
        from numerics.diagnosis.diagnose import diagnose, diagnosis_text
    pairs = None if options.pairs is None else _read_pairs(options.pairs)
    centred = None if options.centred is None else options.centred == "true"
    found = diagnose(options.file, pairs, options.operation, centred)
    print(json.dumps(found.to_json(), indent=2) if options.json else diagnosis_text(found))
    return 0


def _basin(text: str) -> Basin:
    name, _, arguments = text.partition(":")
    if text.endswith(".npz"):
        with _numerics_extra(text):
            from numerics.diagnosis.basin import basin_of_file
        basin: Basin = basin_of_file(Path(text))
        return basin
    if name not in closed_forms:
        raise InvalidInput(name, "is neither in the catalogue nor a FILE.npz", "quadratic-generic:d=4,p=3,K=5")
    sizes = _sizes(arguments.split(",") if arguments else ())
    loss = _loss(str(sizes.pop("loss", 0)))
    return basin_of_entry(_entry(name).at(**sizes), loss)


def _loss(text: str) -> Fraction:
    """A rational or decimal number, exactly."""
    if re.fullmatch(r"-?[0-9]{1,100}(/0*[1-9][0-9]{0,99}|(\.[0-9]{1,100})?(e[+-]?[0-9]{1,2})?)", text):
        return Fraction(text)
    raise InvalidInput(f"loss={text}", "is not a rational or decimal number", "loss=1/100")


def _large_parameter(argument: str) -> int:
    name, _, text = argument.partition("=")
    example = "n=1000"
    if name != "n":
        raise InvalidInput(argument, "is not n=N", example)
    if not re.fullmatch(r"[0-9]{1,100}(\.[0-9]{1,100})?(e\+?[0-9]{1,2})?", text) or Fraction(text).denominator > 1:
        raise InvalidInput(argument, "is not an integer like 1000 or 1e6", example)
    return int(Fraction(text))


def _rlct(options: argparse.Namespace) -> int:
    variables = [name.strip() for name in options.vars.split(",")] if options.vars else None
    answer = rlct(options.generators, variables, _coordinates(options.at), function=options.function,
                  timeout=options.timeout)
    for name in ("certificate", "pictures"):
        path = getattr(options, name)
        try:
            if path is not None:
                (_write if name == "certificate" else _draw)(answer, path)
        except OSError as error:
            raise InvalidInput(f"--{name} {path}", f"cannot be written ({error.strerror})", f"/tmp/{name}") from None
    powers = [] if variables else power_like(options.generators)
    if powers:
        verb = "is read as a variable" if len(powers) == 1 else "are read as variables"
        print(f"hint: {', '.join(powers)} {verb}; a power is written {powers[0][0]}^{powers[0][1:]}", file=sys.stderr)
    print(json.dumps(answer.to_json(), indent=2) if options.json else printing.resolution_text(answer))
    if options.explain:
        print(explanation(answer.certificate), file=sys.stderr if options.json else sys.stdout)
    return 0


def _write(answer: Resolution, path: Path) -> None:
    path.write_text(json.dumps(answer.certificate, indent=1) + "\n")


def _draw(answer: Resolution, folder: Path) -> None:
    with _numerics_extra("--pictures"):
        from numerics.pictures import draw_resolution
    for path in draw_resolution(answer.certificate, folder):
        print(f"wrote {path}", file=sys.stderr)


def _coordinates(text: str | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in text.split(",") if text else ():
        name, equals, value = part.partition("=")
        if not equals or name.strip() in found:
            raise InvalidInput(f"--at {text}", f"{part!r} is not name=value, each name once", "--at x=1/2,y=0")
        found[name.strip()] = value.strip()
    return found


def _check(options: argparse.Namespace) -> int:
    example = "a certificate written by slt rlct --certificate FILE"
    if options.file.exists() and not options.file.is_file():
        raise InvalidInput(str(options.file), "is no regular file", example)
    try:
        statement = verify_certificate(read_certificate(options.file))
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
    print(printing.statement_text(statement))
    return 0


def _entry(name: str) -> Entry:
    if name not in closed_forms:
        near = get_close_matches(name, closed_forms, n=1)
        raise InvalidInput(name, "is not in the catalogue", near[0] if near else f"one of {', '.join(closed_forms)}")
    return closed_forms[name]


def _sizes(arguments: Sequence[str]) -> dict[str, object]:
    sizes: dict[str, object] = {}
    for argument in arguments:
        name, equals, text = argument.partition("=")
        if not name or not equals:
            raise InvalidInput(argument, "is not of the form key=value", "K=3")
        if name in sizes:
            raise InvalidInput(argument, "is given twice", "it once")
        sizes[name] = _read_pairs(text) if name == "pairs" else _value(text)
    return sizes


def _value(text: str) -> object:
    """An integer or a flag; anything else stays text, which no parameter accepts."""
    flags = {"true": True, "false": False}
    if text.lower() in flags:
        return flags[text.lower()]
    return int(text) if re.fullmatch("[+-]?[0-9]{1,100}", text) else text


def _read_pairs(path: str) -> object:
    example = "a JSON file like [[0, 1], [1, 2]]"
    try:
        if Path(path).exists() and (not Path(path).is_file() or Path(path).stat().st_size > LARGEST_PAIRS_FILE):
            raise InvalidInput(f"pairs={path}", f"is not a file of at most {LARGEST_PAIRS_FILE} bytes", example)
        text = Path(path).read_text()
    except OSError as error:
        raise InvalidInput(f"pairs={path}", f"cannot be read ({error.strerror})", example) from None
    except UnicodeDecodeError:
        raise InvalidInput(f"pairs={path}", "is not text", example) from None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidInput(f"pairs={path}", "is not JSON with integers of sensible size", example) from None
