"""Sub-commands that sample, train or read networks: what they need is imported when they run, and only then."""

from __future__ import annotations

import argparse
import contextlib
import math
import re
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from numerics.sweep.options import add_workers, check_workers
from slt_symbolic.closed_forms import Claim, UnknownEntry, closed_forms
from slt_symbolic.commands.arguments import (
    Command,
    folder_name,
    kept_on_failure,
    needs,
    output_folder,
    print_json,
    read_pairs,
    sizes_of,
)
from slt_symbolic.errors import InvalidInput
from slt_symbolic.free_energy.basins import Basin, Comparison, basin_of_entry
from slt_symbolic.rendering.text import comparison_text


def _verify_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="entries (default: all)")
    parser.add_argument("--level", choices=("fast", "full"), default="fast", help="full adds the published size")
    parser.add_argument("--out", type=folder_name, default=Path("report"), metavar="DIR", help="default: report/")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def _verify(options: argparse.Namespace) -> int:
    entries = [closed_forms[name] for name in options.names] or list(closed_forms.values())
    with needs("slt verify"):
        from numerics.verification.verify import verify
    with output_folder(options.out) as folder:
        report = verify(entries, level=options.level)
        if options.json:
            print_json(report.to_json(), {"names": [entry.name for entry in entries], "level": options.level})
        else:
            print(report.to_text(), flush=True)  # also where it cannot be written
        try:
            report.write(folder)
        except OSError as error:
            raise InvalidInput(f"--out {options.out}", f"cannot be written ({error.strerror}); the table stands above",
                               "another folder") from None
    if not options.json:
        print(f"wrote {options.out / 'report.md'}, with every instance, report.json and llc.png")
    return 0 if report.agrees else 1


VERIFY = Command("derive, certify and cross-check the catalogue; print a summary, write a report",
                 ("verify", "verify quadratic-generic deep-linear --level full"), _verify_arguments, _verify)


def _llc_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="an entry of slt list that has a network")
    parser.add_argument("sizes", nargs="*", metavar="key=value", help="as for slt at")
    parser.add_argument("--point", choices=("exact", "trained"), default="exact",
                        help="the entry's own point, or where training from a random start ends (default: exact)")
    parser.add_argument("--sampler", choices=("hmc", "sgld"), default="hmc", help="default: hmc")
    for option, kind, meaning in (
            ("nbeta", float, "inverse temperature (default: as cold as the loss allows)"),
            ("gamma", float, "localisation (default: from the curvature)"),
            ("step-size", float, "in units of the width of the posterior (default: adapted)"),
            ("chains", int, "chains at each temperature"), ("draws", int, "draws of each chain after the burn-in")):
        parser.add_argument(f"--{option}", type=kind, metavar="N" if kind is int else "X", help=meaning)
    parser.add_argument("--seed", type=int, default=0, metavar="N",
                        help="of the sampler, and of the first training start (default: 0)")
    parser.add_argument("--json", action="store_true", help="the answer, and what was asked")


def _llc(options: argparse.Namespace) -> int:
    sizes = sizes_of(options.sizes)
    with needs("slt llc"):
        from numerics.estimation.entry import NoMinimiser, entry_text, llc_of_entry
        from numerics.estimation.settings import Settings
        from numerics.sampling.summary import EstimateError
    with _as_options():
        settings = Settings(sampler=options.sampler, nbeta=options.nbeta, gamma=options.gamma,
                            step_size=options.step_size, chains=options.chains, draws=options.draws, seed=options.seed)
    asked = {"name": options.name, "sizes": sizes, "point": options.point}
    try:
        found = llc_of_entry(options.name, sizes, point=options.point, settings=settings, progress=True)
    except (EstimateError, NoMinimiser) as error:
        if options.json:
            print_json({"error": str(error), "partial": getattr(error, "partial", {})}, asked)
        else:
            print(f"no estimate: {error}", file=sys.stderr)
        return 1
    if options.json:
        print_json(found.to_json(), asked)
    else:
        print(entry_text(found))
    return 1 if found.agreement.contradicts else 0


LLC = Command("estimate the local learning coefficient by sampling and compare with the exact value",
              ("llc quadratic-generic d=4 p=3 K=2", "llc deep-linear widths=2-2-2 r=1 --point trained --json"),
              _llc_arguments, _llc)


def _grok_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--p", type=int, required=True, metavar="P", help="the modulus (published: 53)")
    parser.add_argument("--width", "--K", type=int, required=True, metavar="K", help="units (published: 1024)")
    parser.add_argument("--operation", choices=("add", "sub", "mul", "sumsq"),
                        help="what gives the label; sumsq: a^2 + b^2 (default: add)")
    for option, kind, meaning in (
            ("fraction", float, "share of the pairs to train on (default: 0.4)"),
            ("lr", float, "learning rate of Adam (default: 1e-3)"),
            ("weight-decay", float, "coupled: times the weights it joins the gradient (default: 1e-5)"),
            ("batch", int, "samples of a step (default: 128)"),
            ("epochs", int, "passes over the training pairs, at most; the run ends once every seed has held a "
             "validation accuracy of 0.95 for 1000 of them (default: 100000)"),
            ("steps", int, "instead of epochs: steps, each on a batch drawn at random; what the published runs call an "
             "epoch is one such step, 1e5 of them some 11000 passes at p = 53"),
            ("seed", int, "the first seed: of training pairs, start and order (default: 0)"),
            ("seeds", int, "number of networks, trained side by side (default: 1)")):
        parser.add_argument(f"--{option}", type=kind, metavar="N" if kind is int else "X", help=meaning)
    parser.add_argument("--precision", choices=("float32", "float64"), help="default: float32")
    parser.add_argument("--out", type=folder_name, required=True, metavar="DIR", help="networks, history, checkpoints")
    for option, meaning in (("snapshots", "of each seed that are measured, at most"),
                            ("draws", "of each chain that measures them (defaults: fewer the larger the network)")):
        parser.add_argument(f"--{option}", type=int, metavar="N", help=meaning)
    parser.add_argument("--no-track", action="store_true",
                        help="train only; by default the localised excess is measured along the run, into report.md")


def _grok(options: argparse.Namespace) -> int:
    with needs("slt grok"):
        from numerics.grokking.plan import Lengths
        from numerics.grokking.run import Diverged, run, summary
        from numerics.grokking.settings import RunSettings
        from numerics.grokking.track import track_run
    given = {name: value for name, value in vars(options).items()
             if value is not None and name not in ("out", "no_track", "steps", "snapshots", "draws")}
    if options.steps is not None:
        if options.epochs is not None:
            raise InvalidInput(f"--steps {options.steps}", "is given with --epochs", "one of them")
        if options.steps < 1:
            raise InvalidInput(f"--steps {options.steps}", "must be an integer >= 1", "--steps 100000")
        given |= {"epochs": options.steps, "drawn": True}
    with _as_options():
        settings, lengths = RunSettings(**given), Lengths(options.snapshots, options.draws)
    with output_folder(options.out) as folder, kept_on_failure(options.out):
        try:
            position = run(settings, folder, progress=True)
        except Diverged as error:
            print(f"diverged: {error}", file=sys.stderr)
            return 1
        print("\n".join(summary(settings, position)), flush=True)
        if not options.no_track:
            track_run(folder, lengths=lengths)
    return 0


@contextlib.contextmanager
def _as_options() -> Iterator[None]:
    """Name the arguments that are refused as they are typed: ``weight_decay=-1`` is ``--weight-decay -1``."""
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(_typed(error.argument), error.problem, _typed(error.remedy)) from None


def _typed(words: str) -> str:
    return re.sub(r"(?<!\S)(\w+)=(\S+)", lambda field: f"--{field[1].replace('_', '-')} {field[2]}", words)


GROK = Command("train quadratic networks on modular arithmetic until they generalise; a run that was killed goes on",
               ("grok --p 23 --width 200 --fraction 0.5 --seeds 8 --out small",), _grok_arguments, _grok, resumes=True)


def _sweep_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE.toml",
                        help="tables [[grok]], [[llc]], [[track]], [[verify]]; their lists are crossed")
    add_workers(parser)
    parser.add_argument("--out", type=folder_name, required=True, metavar="DIR",
                        help="cells, table.csv, summary.png; of a cluster a folder that all its workers share")


def _sweep(options: argparse.Namespace) -> int:
    check_workers(options)
    with needs("slt sweep"):
        from numerics.sweep.file import read_sweep
        from numerics.sweep.local import local
        from numerics.sweep.sweep import Backend, sweep
    cells = read_sweep(options.file)
    backend: contextlib.AbstractContextManager[Backend]
    if options.backend == "dask":
        with needs("--backend dask", "cluster"):
            from numerics.sweep.dask import dask
        backend = dask(options.scheduler, options.workers)
    else:
        backend = local(options.workers)
    with output_folder(options.out) as folder, kept_on_failure(options.out), _as_options(), backend as workers:
        outcome = sweep(cells, folder.resolve(), workers)
    print(outcome.summary())
    print(f"wrote {options.out / 'table.csv'} and summary.png")
    return 0 if outcome.agrees else 1


SWEEP = Command("run a grid of grok, llc and verify jobs; a sweep that was killed goes on",
                ("sweep sweep.toml --out results", "sweep sweep.toml --backend dask --out results"),
                _sweep_arguments, _sweep, resumes=True)


def _compare_arguments(parser: argparse.ArgumentParser) -> None:
    for name in ("a", "b"):
        parser.add_argument(name, metavar=name.upper(), help="FILE.npz, a trained network, or NAME:key=value,... "
                            "with loss=X in nats per sample where it is not 0")
    parser.add_argument("n", metavar="n=N", help="number of samples, times the inverse temperature")
    parser.add_argument("--gamma", type=float, metavar="X", help="of two networks: sample the bounded terms in windows "
                        "N(w, 1/X) around both (default: a tenth of the weights' root mean square, up to 600 weights)")
    parser.add_argument("--json", action="store_true", help="the answer, and what was asked")


def _compare(options: argparse.Namespace) -> int:
    n = _large_parameter(options.n)  # before networks are polished
    files = [Path(text) for text in (options.a, options.b) if _is_file(text)]
    if options.gamma is not None:
        _require_gamma(options.gamma, len(files))
    if len(files) == 2:
        with needs(options.a):
            from numerics.diagnosis.compare import compare_files
        found = compare_files(files[0], files[1], n, options.gamma, progress=True)
    else:
        found = Comparison(_basin(options.a), _basin(options.b), n)
    if options.json:
        print_json(found.to_json(), {"a": options.a, "b": options.b, "n": n, "gamma": options.gamma})
    else:
        print(comparison_text(found))
    return 0


def _is_file(text: str) -> bool:
    return text.endswith(".npz") and text.partition(":")[0] not in closed_forms


def _require_gamma(gamma: float, files: int) -> None:
    if files < 2:
        raise InvalidInput(f"--gamma {gamma:g}", "is the width of windows around two networks", "two FILE.npz")
    if not (math.isfinite(gamma) and gamma > 0):
        raise InvalidInput(f"--gamma {gamma:g}", "must be a positive number", "--gamma 100")


def _basin(text: str) -> Basin:
    name, _, arguments = text.partition(":")
    if _is_file(text):
        with needs(text):
            from numerics.diagnosis.basin import basin_of_file
        return basin_of_file(Path(text))
    try:
        entry = closed_forms[name]
    except UnknownEntry as unknown:
        raise InvalidInput(name, "is neither in the catalogue nor a FILE.npz", unknown.remedy) from None
    sizes = sizes_of(re.split(r",(?=\w+=)", arguments) if arguments else ())  # a file's name may hold a comma
    loss = _loss(str(sizes.pop("loss", 0)))
    if isinstance(entry, Claim):
        truth = entry.truth(entry.check(**sizes))
        shown = ",".join(f"{size}={value}" for size, value in truth.sizes.items())
        raise InvalidInput(name, "is a claim, not a basin", f"the entry that decides it, {truth.name}:{shown}")
    return basin_of_entry(entry.at(**sizes), loss)


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


COMPARE = Command("which of two basins of a posterior has the smaller free energy",
                  ("compare quadratic-generic:d=4,p=3,K=5 quadratic-generic:d=4,p=3,K=4,loss=1/1000 n=1e4",
                   "compare first.npz second.npz n=1000 --json"), _compare_arguments, _compare)


def _network_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="FILE.npz, or a torch state dict .pt or .pth")
    parser.add_argument("--pairs", metavar="FILE", help="JSON list of [a, b], the training set (default: the file's)")
    parser.add_argument("--operation", metavar="NAME", help="add, sub, mul or sumsq (default: the file's, or add)")
    parser.add_argument("--centred", choices=("true", "false"), help="default: the file's, or true")


def _network_asked(options: argparse.Namespace) -> dict[str, Any]:
    """What JSON answers repeat."""
    return {"file": str(options.file), "pairs": options.pairs, "operation": options.operation,
            "centred": None if options.centred is None else options.centred == "true"}


def _network_pairs(options: argparse.Namespace) -> Any:
    """The training set that is named, if one is."""
    return None if options.pairs is None else read_pairs(options.pairs)


def _diagnose_arguments(parser: argparse.ArgumentParser) -> None:
    _network_arguments(parser)
    parser.add_argument("--json", action="store_true", help="the answer, and what was asked")


def _diagnose(options: argparse.Namespace) -> int:
    with needs("slt diagnose"):
        from numerics.diagnosis.diagnose import diagnose, diagnosis_text
    asked = _network_asked(options)
    found = diagnose(options.file, _network_pairs(options), options.operation, asked["centred"])
    if options.json:
        print_json(found.to_json(), asked)
    else:
        print(diagnosis_text(found))
    return 0


DIAGNOSE = Command("what a trained quadratic network on modular addition is",
                   ("diagnose network.npz", "diagnose weights.pt --operation mul --json"),
                   _diagnose_arguments, _diagnose)


def _sharpness_arguments(parser: argparse.ArgumentParser) -> None:
    _network_arguments(parser)
    parser.add_argument("--batch", type=int, metavar="B", help="the mean over batches of B pairs (default: all pairs)")
    parser.add_argument("--nbeta", type=float, metavar="X", help="default: n / log n of the pairs, or of the batch")
    parser.add_argument("--gamma", type=float, metavar="X",
                        help="noise of variance 1/gamma in each weight (default: 100)")
    parser.add_argument("--json", action="store_true", help="the answer, and what was asked")


def _sharpness(options: argparse.Namespace) -> int:
    with needs("slt sharpness"):
        from numerics.diagnosis.sharpness import sharpness_of_network
        from numerics.networks.file import read_network
    asked = _network_asked(options)
    network = read_network(options.file, _network_pairs(options), options.operation, asked["centred"])
    given = {name: value for name in ("nbeta", "gamma", "batch") if (value := getattr(options, name)) is not None}
    with _as_options():
        found = sharpness_of_network(network, **given)
    if options.json:
        print_json(found.to_json(), {**asked, "batch": options.batch})
    else:
        print(f"{found.mean:.6g}  expected sharpness at nbeta = {found.nbeta:.6g}, gamma = {found.gamma:.6g}; "
              f"loss {found.loss:.6g}")
    return 0


SHARPNESS = Command("what noise in the weights of a quadratic network adds to its loss, in closed form",
                    ("sharpness network.npz", "sharpness network.npz --batch 128 --gamma 100 --json"),
                    _sharpness_arguments, _sharpness)


TASK = """
FILE.py is your own program, and it is run. It defines
  model()                  the torch module that was trained
  data()                   tensors or arrays (inputs, targets), a Dataset, or batches
  loss(outputs, targets)   a mean over the samples; or evaluate(model, batch) instead
  masks()                  optional: {"head": {"0.weight": a tensor of bools}, ...}, parts to be measured alone
  estimators()             optional: {"colder": {"nbeta": 1000.0}, ...}, settings of numerics.llc by names"""


def _track_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="state dicts *.pt, *.pth, *.ckpt, *.bin, "
                        "*.safetensors, whose names end with the step")
    parser.add_argument("--task", type=Path, required=True, metavar="FILE.py", help="model, data and loss")
    for option, kind, meaning in (
            ("nbeta", float, "inverse temperature (default: n / log n for n samples)"),
            ("gamma", float, "localisation (default: 5)"),
            ("chains", int, "default: as many as cost hardly more than one"),
            ("draws", int, "of each chain (default: until chains have come together)"), ("seed", int, "default: 0")):
        parser.add_argument(f"--{option}", type=kind, metavar="N" if kind is int else "X", help=meaning)
    parser.add_argument("--estimator", action="append", metavar="NAME", help="again for each: converged (until chains "
                        "have come together, at the options above), published-5 and published-100 (SGLD as in "
                        "arXiv:2603.01192), or one of the file's (default: converged, and those of the file)")
    parser.add_argument("--out", type=folder_name, required=True, metavar="DIR",
                        help="trajectory.csv, a figure, report.md")
    parser.epilog = f"{TASK.strip()}\n\n{parser.epilog}"


def _track(options: argparse.Namespace) -> int:
    with needs("slt track"):
        from numerics.estimation.settings import Settings
        from numerics.modules.track import track_checkpoints
    given = {name: value for name in ("nbeta", "gamma", "chains", "draws", "seed")
             if (value := getattr(options, name)) is not None}
    with _as_options():
        settings = Settings(sampler=None, **given)
    with output_folder(options.out) as folder, kept_on_failure(options.out), \
            contextlib.redirect_stdout(sys.stderr):  # what the program prints is no answer
        found = track_checkpoints(options.folder, options.task, folder.absolute(), settings, options.estimator)
    print(found.to_text())
    print(f"wrote {options.out / 'report.md'}, with trajectory.csv and trajectory.png")
    return 0 if found.complete else 1


TRACK = Command("the localised excess at the checkpoints of a training run of any module; goes on where it was stopped",
                ("track checkpoints --task task.py --out trajectory",), _track_arguments, _track, resumes=True)
