"""The sub-command ``test``: a formula of the user's own, against what is exact at the same sizes."""

from __future__ import annotations

import argparse
import contextlib
import math
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slt_symbolic.commands.arguments import Command, needs, print_json
from slt_symbolic.errors import InvalidInput
from slt_symbolic.storage.programs import reported, running

Watch = Callable[[int, Mapping[str, int]], None]

if TYPE_CHECKING:
    from slt_symbolic.testing.files import Subject
    from slt_symbolic.testing.formulas import Trial

MOST_SIZES = 2000  # that are tried; of more combinations some are sampled
ENGINE_SHARE = 30  # the engine may take this part of the time at one size, but not less than LEAST_ENGINE
LEAST_ENGINE, MOST_ENGINE = 1, 10  # seconds
LONGEST_WAIT = 10**6  # seconds
BETWEEN_LINES = 1 / 5  # seconds between two lines of progress

FILES = """
FILE.py is your own program, and it is run. It defines
  formula(**sizes)   lambda (Fraction, int, SymPy rational), or the pair (lambda, m)
  germ(**sizes)      polynomials like ["x^2 - y^3"], (polynomials, point), a Germ, or a
                     model of slt_symbolic.models; or
  network(**sizes)   a QuadraticNetwork; with weights(**sizes), (W, V), for the engine
  sizes              {"d": range(1, 5), ...}, or a Hypothesis strategy of such tables
  domain(**sizes)    optional: at which of them the formula is about anything
or ClosedForm objects, whose formula is compared with their own recompute.
Sizes at which formula or germ raise slt_symbolic.InvalidInput are skipped, and counted."""


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE.py[:NAME]", help="the program, and what in it (default: formula)")
    parser.add_argument("--against", choices=("engine", "rank", "sampled"),
                        help="default: engine with germ, rank with network")
    parser.add_argument("--seconds", type=float, default=60, metavar="S", help="time of the whole test (default: 60)")
    parser.add_argument("--json", action="store_true", help="the answer, and what was asked")
    parser.epilog = f"{FILES.strip()}\n\n{parser.epilog}"


def _test(options: argparse.Namespace) -> int:
    if not 0 < options.seconds <= LONGEST_WAIT:  # NaN is refused too
        raise InvalidInput(f"--seconds {options.seconds:g}", f"is not a positive number up to {LONGEST_WAIT}",
                           "--seconds 60")
    with needs("slt test", "testing"):
        from slt_symbolic.testing.files import EXAMPLE, subjects_of
        from slt_symbolic.testing.limit import TimeIsUp, limited
    path, name = _place(options.file)
    end = time.monotonic() + options.seconds
    timeout = min(max(options.seconds / ENGINE_SHARE, LEAST_ENGINE), MOST_ENGINE)
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(sys.stderr))  # what the program prints is no answer
        try:
            with limited(options.seconds):
                defined = stack.enter_context(running(path, EXAMPLE))
                with reported(path):
                    subjects = subjects_of(path, defined, name, options.against, timeout)
        except TimeIsUp:
            raise InvalidInput(str(path), f"does not end within {options.seconds:g} s",
                               "a file that only defines") from None
        stack.enter_context(reported(path))
        found = _trials(subjects, end)
    if options.json:
        print_json(_json(found), {"file": str(path), "name": name, "seconds": options.seconds})
    else:
        for subject, trial in found:
            print(_text(subject, trial))
    return int(any(trial.counterexample is not None for _, trial in found))


def _place(text: str) -> tuple[Path, str | None]:
    """A file, and what in it; a colon may belong to the name of the file."""
    file, colon, name = text.rpartition(":")
    if colon and file and name.isidentifier() and not Path(text).exists():
        return Path(file), name
    return Path(text), None


def _trials(subjects: Sequence[Subject], end: float) -> list[tuple[Subject, Trial]]:
    """Each formula for its share of the time, up to the first that is wrong."""
    from slt_symbolic.testing.formulas import try_formula

    found: list[tuple[Subject, Trial]] = []
    for index, subject in enumerate(subjects):
        share = max(end - time.monotonic(), 0) / (len(subjects) - index)
        with _progress(subject.name) as watch:
            trial = try_formula(subject.formula, against=subject.oracle, sizes=subject.sizes, domain=subject.domain,
                                examples=MOST_SIZES, seconds=share, watch=watch)
        found.append((subject, trial))
        if trial.counterexample is not None:
            break
    return found


@contextlib.contextmanager
def _progress(name: str) -> Iterator[Watch | None]:
    """A line on stderr that shows which sizes are tried, if it is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    last = -math.inf

    def watch(number: int, sizes: Mapping[str, int]) -> None:
        nonlocal last
        if time.monotonic() - last > BETWEEN_LINES:
            last = time.monotonic()
            line = f"{name}: {number}: " + " ".join(f"{key}={value}" for key, value in sizes.items())
            sys.stderr.write(f"\r{line[: shutil.get_terminal_size().columns - 1]}\x1b[K")
            sys.stderr.flush()

    try:
        yield watch
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def _text(subject: Subject, trial: Trial) -> str:
    if trial.counterexample is not None:
        verdict = f"is wrong{' at' if trial.counterexample.sizes else ':'} {trial.counterexample}"
    elif trial.decided:
        verdict = "no counterexample"
    elif trial.estimated:
        verdict = "no counterexample among estimates; nothing was decided exactly"
    else:
        verdict = "nothing was decided"
    return f"{subject.name}: {verdict}\n  against {subject.against}: {trial}"


def _json(found: Sequence[tuple[Subject, Trial]]) -> dict[str, Any]:
    trials = [trial for _, trial in found]
    wrong = next(((subject, trial.counterexample) for subject, trial in found if trial.counterexample), None)
    counts = {key: sum(getattr(trial, key) for trial in trials)
              for key in ("tried", "decided", "bracketed", "estimated", "undecided", "skipped")}
    return {"formulas": [subject.name for subject, _ in found],
            "against": found[0][0].against, **counts, "ended": all(trial.stopped_at is None for trial in trials),
            "counterexample": None if wrong is None else
            {"name": wrong[0].name, "sizes": dict(wrong[1].sizes), "formula": _plain(wrong[1].formula),
             "exact": _plain(wrong[1].exact)}}


def _plain(value: Any) -> Any:
    """Rationals as strings; a pair with m, the ends of a bracket, or an estimate, as objects."""
    if hasattr(value, "multiplicity"):
        return {"lambda": str(value.lambda_), "multiplicity": value.multiplicity}
    if isinstance(value, tuple):
        return {"lower": str(value[0]), "upper": str(value[1])}
    if hasattr(value, "uncertainty"):
        return {"mean": value.mean, "uncertainty": value.uncertainty}
    return str(value)


TEST = Command("test a formula of your own against exact answers, and find where it fails",
               ("test formulas.py", "test formulas.py:reduced_rank --against engine --seconds 20",
                "test formulas.py --json"), _arguments, _test)
