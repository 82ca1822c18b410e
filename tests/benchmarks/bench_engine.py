"""The engine beside its peers: ``python -m tests.benchmarks.bench_engine [--of SET] [--limit S] [--keep] [CASE ...]``.

On the golden cases and the public ones that are ideals at the origin; what the engine leaves open of these is said.

Peers, each where it is installed: Macaulay2's package Dmodules (``lct``) and Singular's libraries bfun and dmodvar
(``bfct``, ``bfctVarAnn``). They compute a *complex* threshold at *all* points, without multiplicity and certificate; no
system computes the real one. All are timed inside their processes, in seconds of a core, after start and import; each
case gets ``--limit`` seconds of a peer. The order of the cases and programs is the same for all, one at a time; the
engine runs three times and its median counts.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from slt_symbolic import rlct
from tests import DATA
from tests.benchmarks.kept import Table, keep, show, spread

CASES = DATA / "rlct_cases.json"
PUBLIC = DATA / "public_cases.json"
REPETITIONS = 3
STARTING = 2  # seconds that a peer may take before it begins
Row = dict[str, float | None]  # seconds of each program, None without an answer


def main() -> None:
    """Print a line a case, then the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="*", metavar="CASE")
    parser.add_argument("--limit", type=float, default=10, metavar="S", help="seconds for a peer on a case")
    parser.add_argument("--of", choices=SETS, metavar="SET", help="golden or public (default: both)")
    parser.add_argument("--keep", action="store_true", help="write what the documentation shows")
    options = parser.parse_args()
    peers = {name: run for name, (program, run) in PEERS.items() if shutil.which(program)}
    rlct("x^2 - y^3")
    seconds: dict[str, Row] = {}
    cases = [case for name, read in SETS.items() if options.of in (None, name) for case in read()]
    for case in cases:
        if options.cases and case["id"] not in options.cases:
            continue
        try:
            runs = [_engine(case) for _ in range(REPETITIONS)]
        except Open as answer:
            print(f"{case['id']:24}  {answer}", flush=True)
            continue
        row = {"engine": statistics.median(runs)}
        row |= {name: run(case, options.limit) for name, run in peers.items()}
        seconds[case["id"]] = row
        times = "".join(f"  {name} {'none':>8}" if s is None else f"  {name} {s:8.3f}" for name, s in row.items())
        print(f"{case['id']:24}{times}  (engine {min(runs):.3f} to {max(runs):.3f})", flush=True)
    found = show(_summary(seconds, list(peers), options.limit))
    if options.keep:
        keep("engine", found, **{name: _version(PEERS[name][0]) for name in peers})


def _summary(seconds: dict[str, Row], peers: list[str], limit: float) -> Iterator[Table]:
    rows = []
    for name in ("engine", *peers):
        answered = [row[name] for row in seconds.values() if row[name] is not None]
        rows.append((name, f"{len(answered)} of {len(seconds)}", *(spread(answered) if answered else ("", ""))))
    yield Table("Seconds of one core a case, of those that each answers", ("program", "answers", "median", "range"),
                rows, "The engine's are right, certified, and include search, certificate and check (median of "
                f"{REPETITIONS} runs)." + bool(peers) * (
                    f" A peer, which has {limit:g} s a case, gives the complex threshold of all points together, "
                    "without multiplicity."))
    answered = {case for case, row in seconds.items() if any(row[name] is not None for name in peers)}
    if len(answered) > 1:
        yield Table("The faster peer's time over the engine's", ("cases", "number", "median", "quartiles"),
                    [(title, str(len(some)), *_ratios([seconds[case] for case in some], peers, limit))
                     for title, some in (("that a peer answers", answered), ("all", set(seconds)))],
                    f"Of all cases: where no peer answers its time is counted as {limit:g} s.")


def _ratios(rows: Sequence[Row], peers: Sequence[str], limit: float) -> tuple[str, str]:
    """Median and quartiles of the faster peer's time over the engine's, ``limit`` where none answers."""
    found = [min((row[name] for name in peers if row[name] is not None), default=limit) / row["engine"]
             for row in rows]
    low, middle, high = statistics.quantiles(found, n=4)
    return f"{middle:.1f}", f"{low:.1f}, {high:.1f}"


def _version(program: str) -> str:
    """What the program says of itself."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\d+(\.\d+)+", said)
    return found[0] if found else "unknown"


class Open(Exception):
    """The engine leaves the case open."""


def _golden() -> list[dict]:
    return [{**case, "timeout": 120} for case in json.loads(CASES.read_text())]


def _public() -> list[dict]:
    """The public cases at the origin that are ideals, with their variables."""
    return [{**case, "kind": "ideal", "vars": sorted(set(re.findall(r"[A-Za-z]\w*", " ".join(case["gens"])))),
             "timeout": 10}
            for case in json.loads(PUBLIC.read_text()) if not case["at"] and not case["function"]]


def _engine(case: dict) -> float:
    start = time.process_time()
    answer = rlct(case["gens"], case["vars"], function=case["kind"] == "function",
                  timeout=case["timeout"])
    elapsed = time.process_time() - start
    if answer.multiplicity is None and answer.lower <= Fraction(case["lam"]) <= answer.upper:
        raise Open(f"open: {answer.threshold} in {elapsed:.1f} s")
    if (str(answer.lambda_), answer.multiplicity) != (case["lam"], case["m"]):
        raise SystemExit(f"{case['id']}: wrong or open: {answer.to_json()}")
    return elapsed


def _generators(case: dict) -> str:
    return ", ".join(g.replace("**", "^") for g in case["gens"])


def _macaulay2(case: dict, limit: float) -> float | None:
    script = (f'needsPackage "Dmodules"; R = QQ[{",".join(case["vars"])}]; t = cpuTime(); '
              f'c = lct ideal({_generators(case)}); print("SECONDS " | toString(cpuTime() - t)); exit 0')
    return _seconds(["M2", "--script", "/dev/stdin"], script, limit, 1)


def _singular(case: dict, limit: float) -> float | None:
    call = "poly f = I[1]; list L = bfct(f)" if len(case["gens"]) == 1 else "list L = bfctVarAnn(I)"
    ring = f'ring r = 0,({",".join(case["vars"])}),dp'
    script = (f'LIB "bfun.lib"; LIB "dmodvar.lib"; system("--ticks-per-sec", 1000); {ring}; '
              f'ideal I = {_generators(case)}; int t = timer; {call}; print("SECONDS " + string(timer - t)); exit;')
    return _seconds(["Singular", "-q"], script, limit, 1000)


def _seconds(command: list[str], script: str, limit: float, unit: float) -> float | None:
    """What the program prints after SECONDS; None if it fails or takes longer."""
    allowed = math.ceil(limit) + STARTING
    done = subprocess.run(["bash", "-c", f'ulimit -t {allowed}; exec "$@"', "peer", *command], input=script,
                          capture_output=True, text=True, check=False)
    found = re.search(r"^SECONDS ([0-9.e-]+)", done.stdout, re.MULTILINE)
    return float(found[1]) / unit if found else None


PEERS: dict[str, tuple[str, Callable[[dict, float], float | None]]] = {
    "Macaulay2": ("M2", _macaulay2), "Singular": ("Singular", _singular)}
SETS: dict[str, Callable[[], list[dict]]] = {"golden": _golden, "public": _public}

if __name__ == "__main__":
    main()
