"""Is the least edge-set bound always the rank? ``python -m tests.benchmarks.bench_edge_sets [SETS [SEED]] [--keep]``.

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
from tests.benchmarks.kept import Table, keep, show


def main(sets: int = 300, seed: int = 0) -> Table:
    """Scan that many sets."""
    rng = random.Random(seed)
    widths = ranks = beaten = different = 0
    start = time.process_time()
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
    return Table("Random training sets at p = 3 to 9", (
        "sets", "seed", "seconds of one core", "widths decided", "by ranks", "sets where F = E is not the value",
        "bound and rank differ"),
        [tuple(map(str, (sets, seed, round(time.process_time() - start), widths, ranks, beaten, different)))])


if __name__ == "__main__":
    found = show([main(*(int(x) for x in sys.argv[1:] if x != "--keep"))])
    if "--keep" in sys.argv:
        keep("edge_sets", found)
