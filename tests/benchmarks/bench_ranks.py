"""Time and memory of the exact ranks: ``python -m tests.benchmarks.bench_ranks [--keep]``.

The published experiment (p = 53, K = 1024, 1123 of the 2809 pairs, centred) decided by a rank modulo a prime,
three random splits; and all widths up to filling at p = 11, all pairs.
"""

from __future__ import annotations

import itertools
import random
import resource
import sys
import time

from slt_symbolic.networks.data import TwoHotPairs, all_pairs
from slt_symbolic.networks.quadratic import QuadraticNetwork
from slt_symbolic.ranks.jacobian import certified_threshold
from tests.benchmarks.kept import Table, keep, show, spread


def main() -> None:
    """Print the table: median and range of seconds, and the peak memory of the process."""
    published = []
    for seed in range(3):
        pairs = random.Random(seed).sample(list(itertools.product(range(53), repeat=2)), 1123)
        start = time.process_time()
        threshold = certified_threshold(QuadraticNetwork(TwoHotPairs(53, tuple(sorted(pairs)), True), 53, 1024))
        published.append(time.process_time() - start)
        if threshold.lambda_ != 29733:
            raise SystemExit(f"seed {seed}: {threshold.evidence.how}")
    widths = range(1, 45)
    start = time.process_time()
    for units in widths:
        if certified_threshold(QuadraticNetwork(all_pairs(11), 11, units)).lambda_ is None:
            raise SystemExit(f"undecided at K={units}")
    everything = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    rows = [("p = 53, K = 1024, 1123 pairs, centred", str(len(published)), *spread(published)),
            (f"p = 11, all pairs, K = 1 to {widths[-1]} together", "1", *spread([everything]))]
    found = show([Table("Seconds of one core for a rank modulo a prime", ("case", "runs", "median", "range"), rows,
                        f"Peak memory of the process: {peak:.2f} GiB.")])
    if "--keep" in sys.argv:
        keep("ranks", found)


if __name__ == "__main__":
    main()
