"""Is the least edge-set bound always the rank? ``python tests/benchmarks/bench_edge_sets.py [SETS [SEED]]``.

Scans seeded random training sets (those of the derivation of `modular-addition-generic`) at p = 3..9, every width,
and prints how many were scanned, on how many the simple bound ``F = E`` is not the rank, and every set where the
least bound and the rank modulo a prime differ at two points. Such a set would be news.
"""

from __future__ import annotations

import random
import sys
import time

from derivations.modular_addition import bounds_by_width, random_training_set, widths_to_certify
from derivations.ranks import rank_modulo_prime
from slt_symbolic.networks.data import TwoHotPairs


def main(sets: int = 300, seed: int = 0) -> None:
    """Scan that many sets."""
    rng = random.Random(seed)
    widths = ranks = beaten = different = 0
    start = time.perf_counter()
    for _ in range(sets):
        p = rng.randint(3, 9)
        inputs = TwoHotPairs(p, random_training_set(rng, p), rng.random() < 1 / 2)
        bounds = bounds_by_width(inputs)
        simple = [min(units * (p + inputs.span - 1), p * inputs.equations) for units in range(len(bounds))]
        ends = widths_to_certify(inputs, bounds)
        widths, ranks = widths + len(bounds) - 1, ranks + len(ends)
        beaten += bounds[p + 1:] != simple[p + 1:]
        for units in ends:
            found = rank_modulo_prime(inputs.matrix(), p, units, inputs.centred)
            if found < bounds[units]:
                found = rank_modulo_prime(inputs.matrix(), p, units, inputs.centred, seed=1)
            if found < bounds[units]:
                different += 1
                print(f"DIFFERENT {inputs} at K={units}: bound {bounds[units]}, rank {found}")
    print(f"seed {seed}: {sets} sets in {time.perf_counter() - start:.0f} s, {widths} widths decided by {ranks} ranks; "
          f"F = E is not the value at some width K > p on {beaten} sets; bound and rank differ at {different} widths")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
