"""How often sampled tests fail: ``python tests/benchmarks/failure_rates.py [--seeds N] [PATH ...]``.

Runs the tests that are marked `sampled` with other random numbers, on kernels that add in another order, and with one
thread or two. Each run of a test is a line of ``--out`` (JSON); what is there is not run again, so that it can be
stopped at any moment and go on. Prints the table of `tests/README.md`.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
KERNELS = {"own": {}, "default": {"ATEN_CPU_CAPABILITY": "default"}, "avx2": {"ATEN_CPU_CAPABILITY": "avx2"}}
FEWEST = 4  # runs of which a scatter is told
Run = dict[str, Any]


def main() -> None:
    """Run what is missing, as long as ``--minutes`` allow, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", default=[], metavar="PATH", help="as for pytest (default: all)")
    parser.add_argument("--seeds", type=int, default=20, help="offsets 1 to N, each another stream (default: 20)")
    parser.add_argument("--test-seconds", type=float, default=60, help="at most, for all seeds of a test (default: 60)")
    parser.add_argument("--minutes", type=float, default=60, help="at most, altogether (default: 60)")
    parser.add_argument("--kernel", choices=KERNELS, default="own", help="that torch computes with")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--select", default="sampled", help="marks, as for pytest -m (default: sampled)")
    parser.add_argument("--out", type=Path, default=Path("failure_rates.jsonl"), help="of earlier runs too")
    options = parser.parse_args()
    if options.seeds:
        environment = {**os.environ, **KERNELS[options.kernel], "SAMPLED_Z": str(options.out.resolve()), "CI": "1",
                       **{f"{library}_NUM_THREADS": str(options.threads) for library in ("OMP", "MKL", "OPENBLAS")}}
        command = [sys.executable, "-c", "from tests.benchmarks import failure_rates as f; f.run()",
                   json.dumps(vars(options), default=str)]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
    print(table(read(options.out)))


def run() -> None:
    """In a process of its own, whose kernels are chosen: all offsets, so that torch is loaded once."""
    import pytest

    options = json.loads(sys.argv[1])
    until, paths = time.monotonic() + 60 * options["minutes"], options["paths"]
    common = ["-p", "tests.sampled", "--no-header", "-q", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    tests = collected(pytest, [*common, "-m", options["select"], *paths])
    kernel = os.environ.get("ATEN_CPU_CAPABILITY", "its own")
    for offset in range(1, options["seeds"] + 1):
        os.environ["SEED_OFFSET"] = str(offset)
        seconds, done = defaultdict(float), set()
        for line in read(Path(options["out"])):
            if (line["kernel"], line["threads"]) == (kernel, options["threads"]):
                seconds[line["test"]] += line["seconds"]
                if line["offset"] == offset:
                    done.add(line["test"])
        of_file = defaultdict(list)
        for test in tests:
            if test not in done and seconds[test] < options["test_seconds"]:
                of_file[test.split("::")[0]].append(test)
        for some in of_file.values():
            if time.monotonic() > until:
                return
            pytest.main([*common, "--tb=no", "--no-summary", *some])


def collected(pytest: Any, arguments: list[str]) -> list[str]:
    """The names of the tests."""
    class Names:
        def pytest_collection_finish(self, session: Any) -> None:
            self.found = [item.nodeid for item in session.items]

    names = Names()
    pytest.main([*arguments, "--collect-only"], plugins=[names])
    return names.found


def read(path: Path) -> list[Run]:
    """The runs of earlier calls too."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def table(runs: Iterable[Run]) -> str:
    """Markdown: a line for each test, all its parameters, seeds and kernels together."""
    of_test = defaultdict(lambda: defaultdict(list))
    for one in runs:
        of_test[one["test"].split("[")[0]][one["test"]].append(one)
    lines = ["| test | cases | runs of each | failures | largest z / margin | least of a control | P(failure) |",
             "|---|---|---|---|---|---|---|"]
    for name, cases in sorted(of_test.items()):
        file, _, test = name.partition("::")
        numbers = sorted({len(found) for found in cases.values()})
        failures = sum(not one["passed"] for found in cases.values() for one in found)
        places = {kind: [place for found in cases.values() for place in compared(found, kind)]
                  for kind in ("right", "wrong")}
        shares = {kind: [abs(z) / sigmas for place in of_kind for z, sigmas in place]
                  for kind, of_kind in places.items()}
        chances = [chance(place, kind == "right") for kind, of_kind in places.items() for place in of_kind
                   if len(place) >= FEWEST]
        unknown = "?" if shares["right"] or shares["wrong"] else f"< 3/{sum(map(len, cases.values()))}"
        lines.append(f"| `{Path(file).stem}`: {test.rpartition('.')[2].removeprefix('test_').replace('_', ' ')} | "
                     f"{len(cases)} | {'-'.join(map(str, sorted({numbers[0], numbers[-1]})))} | {failures} | "
                     f"{words(max(shares['right'], default=None))} | {words(min(shares['wrong'], default=None))} | "
                     f"{words(max(chances)) if chances else unknown} |")
    return "\n".join(lines)


def compared(runs: list[Run], kind: str) -> list[list[tuple[float, float]]]:
    """For each comparison of a test (in the order in which it makes them) its z and margin in all runs."""
    of_run = [[(z, sigmas) for found, z, sigmas in one["compared"] if found == kind] for one in runs]
    most = max(map(len, of_run))
    return [[one[place] for one in of_run if len(one) > place] for place in range(most)]


def chance(place: list[tuple[float, float]], right: bool) -> float:
    """That z of a further run is on the wrong side: Student's t, from the mean and scatter of those that were seen.

    Of a control it is that of ``log |z|``: a bias many errors large is divided by an estimate of the error, which
    scatters by a factor, so that z is skewed away from the margin.
    """
    zs, sigmas = [z for z, _ in place], place[0][1]
    if not all(map(math.isfinite, zs)):
        return float(right)
    if right:
        return _beyond(zs, sigmas) + _beyond([-z for z in zs], sigmas)
    return _beyond([-math.log(max(abs(z), 1e-12)) for z in zs], -math.log(sigmas))


def _beyond(values: list[float], bound: float) -> float:
    """The chance that a further value is larger than the bound."""
    from scipy.stats import t

    scale = max(statistics.stdev(values), 1e-12) * (1 + 1 / len(values)) ** 0.5
    return float(t.sf((bound - statistics.mean(values)) / scale, len(values) - 1))


def words(number: float | None) -> str:
    """Two digits."""
    return "" if number is None else f"{number:.2g}"


if __name__ == "__main__":
    main()
