"""``python -m tests.fuzz``: random cases for a time; a disagreement is written to tests/data/fuzz_failures/."""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter

from tests import DATA
from tests.fuzz.package import PACKAGE
from tests.fuzz.searches import SEARCHES, Search, case_of, judged

FAILURES = DATA / "fuzz_failures"


def main() -> int:
    """1 if there was a disagreement."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    parser.add_argument("--oracle", choices=sorted(SEARCHES), action="append")
    parser.add_argument("--bounds", action="store_true", help="print the cases with an answer that is not exact")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    searches = [SEARCHES[name] for name in arguments.oracle or SEARCHES]
    end = time.monotonic() + arguments.seconds
    failed, number = 0, 0
    counts: dict[str, Counter[str]] = {search.name: Counter() for search in searches}
    while time.monotonic() < end:
        for search in searches:
            failed += not _one(search, arguments.seed, number, counts[search.name], arguments.bounds)
        number += 1
    for name, count in counts.items():
        print(f"{name}: {count['cases']} cases, {count['exact']} exact, {count['too large']} too large for the oracle, "
              f"{count['failures']} disagreements, {count['ms'] / 1000:.0f} s")
    return int(failed > 0)


def _one(search: Search, seed: int, number: int, count: Counter[str], bounds: bool) -> bool:
    """Does the case agree? It is counted, and written if not."""
    started = time.monotonic()
    case = case_of(search, seed, number)
    verdict = judged(search, case, PACKAGE)
    count["ms"] += round(1000 * (time.monotonic() - started))
    count["cases"] += 1
    if verdict is None:
        count["too large"] += 1
        return True
    count["exact"] += verdict.exact
    if verdict.agrees:
        if bounds and not verdict.exact:
            print(json.dumps(case), verdict.oracle, verdict.package, flush=True)
        return True
    count["failures"] += 1
    record = {"search": search.name, "case": case, "oracle": verdict.oracle, "package": verdict.package, "seed": seed,
              "number": number}
    FAILURES.mkdir(exist_ok=True)
    path = FAILURES / f"{search.name}_{seed}_{number}.json"
    path.write_text(json.dumps(record, indent=2) + "\n")
    print(f"{path}\n{json.dumps(record)}", flush=True)
    return False


if __name__ == "__main__":
    sys.exit(main())
