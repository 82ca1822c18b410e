"""Time and memory of the exact ranks: ``python tests/benchmarks/bench_ranks.py``.

The published experiment (p = 53, K = 1024, 1123 of the 2809 pairs, centred) decided by a rank modulo a prime,
three random splits; and all widths up to filling at p = 11, all pairs.
"""

from __future__ import annotations

import itertools
import random
import resource
import statistics
import time

from slt_symbolic.networks.data import TwoHotPairs, all_pairs
from slt_symbolic.networks.quadratic import QuadraticNetwork
from slt_symbolic.ranks.jacobian import certified_threshold


def main() -> None:
    """Print one line a case: median and range of seconds, and the peak memory of the process."""
    published = []
    for seed in range(3):
        pairs = random.Random(seed).sample(list(itertools.product(range(53), repeat=2)), 1123)
        start = time.perf_counter()
        threshold = certified_threshold(QuadraticNetwork(TwoHotPairs(53, tuple(sorted(pairs)), True), 53, 1024))
        published.append(time.perf_counter() - start)
        if threshold.lambda_ != 29733:
            raise SystemExit(f"seed {seed}: {threshold.evidence.how}")
    widths = range(1, 45)
    start = time.perf_counter()
    for units in widths:
        if certified_threshold(QuadraticNetwork(all_pairs(11), 11, units)).lambda_ is None:
            raise SystemExit(f"undecided at K={units}")
    everything = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"published size: median {statistics.median(published):.1f} s "
          f"({min(published):.1f} to {max(published):.1f} s, {len(published)} splits)")
    print(f"p = 11, all pairs, K = 1..{widths[-1]}: {everything:.1f} s together")
    print(f"peak memory: {peak:.2f} GiB")


if __name__ == "__main__":
    main()
