"""CP decompositions of tensors: sums of products of vectors, one for each mode."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product
from math import prod

import sympy
from flint import nmod_mat

from slt_symbolic.closed_forms.at_weights import AUDIT_SECONDS
from slt_symbolic.closed_forms.formulas import ClosedForm
from slt_symbolic.closed_forms.parameter import Condition, Derived, Parameter, Sizes
from slt_symbolic.closed_forms.sources import ABO_OTTAVIANI_PETERSON_2009, THIS_PROJECT
from slt_symbolic.conventions import lambda_of_rank
from slt_symbolic.engine import rlct
from slt_symbolic.evidence import Evidence
from slt_symbolic.germ.germ import Germ
from slt_symbolic.ranks.jacobian import PRIME
from slt_symbolic.threshold import Bound, Threshold

SHAPE = Parameter("shape", "sizes of the modes", length=3)
TERMS = Parameter("H", "number of terms of the model")
TRUE_TERMS = Parameter("r", "number of terms of the truth", minimum=0)
H, r = TERMS.symbol, TRUE_TERMS.symbol
D, u, m = sympy.symbols("D u m")
LARGEST = 400  # entries of a tensor, and parameters, up to which ranks are computed


def expected_dimension(shape: tuple[int, ...], terms: int) -> int:
    """Parameters less scalings, or all entries: at least the dimension of the tensors with so many terms.

    >>> expected_dimension((2, 2, 2), 2)
    8
    """
    return min(terms * (sum(shape) - len(shape) + 1), prod(shape))


def generic_rank(shape: tuple[int, ...], terms: int) -> int:
    """The rank of the entries in the vectors of all terms modulo a prime, at seeded vectors.

    >>> generic_rank((3, 3, 3), 4)  # one less than expected
    26
    """
    rng = random.Random(0)
    rows = []
    for _ in range(terms):
        vectors = [[rng.randrange(PRIME) for _ in range(size)] for size in shape]
        for mode, size in enumerate(shape):
            others = [*vectors]
            for place in range(size):
                others[mode] = [int(place == index) for index in range(size)]
                rows.append([prod(entries) % PRIME for entries in product(*others)])
    return int(nmod_mat(rows, PRIME).rank()) if rows else 0


def _is_small(sizes: Sizes, terms: int) -> bool:
    return bool(prod(sizes["shape"]) <= LARGEST and terms * sum(sizes["shape"]) <= LARGEST)


def _is_onto_nearby(sizes: Sizes) -> bool:
    """Whether fits near the point, the other terms in pairs that cancel, are onto."""
    terms = sizes["r"] + (sizes["H"] - sizes["r"]) // 2
    return _is_small(sizes, terms) and generic_rank(sizes["shape"], terms) == prod(sizes["shape"])


def _derived(sizes: Sizes) -> tuple[int, int, int]:
    """``D, u, m``: the dimension expected of the truth, twice what the other terms add at most, and m.

    >>> _derived({"shape": (2, 3, 2), "H": 1, "r": 0})
    (0, 2, 2)
    """
    shape, terms, true = sizes["shape"], sizes["H"], sizes["r"]
    linear, more = expected_dimension(shape, true), (terms - true) * min(shape)
    if linear + more > prod(shape) and _is_onto_nearby(sizes):
        more = prod(shape) - linear
    return linear, more, shape.count(min(shape)) if (terms, true) == (1, 0) else 1


def tensor_germ(shape: tuple[int, ...], terms: int, true: int) -> Germ:
    """The entries of the sum of the terms less the truth's; the first terms are seeded small integers, others 0."""
    rng = random.Random(2)
    variables, generators = [], dict.fromkeys(product(*map(range, shape)), sympy.Integer(0))
    for term in range(terms):
        places = [[rng.randint(-3, 3) if term < true else 0 for _ in range(size)] for size in shape]
        moves = [sympy.symbols(f"x{term}_{mode}_0:{size}") for mode, size in enumerate(shape)]
        variables += [x for row in moves for x in row]
        for entry in generators:
            still = [row[index] for row, index in zip(places, entry, strict=True)]
            generators[entry] += sympy.prod([place + move[index] for place, move, index
                                             in zip(still, moves, entry, strict=True)]) - prod(still)
    return Germ.at([sympy.expand(value) for value in generators.values()], variables)


def _decide(sizes: Sizes) -> Threshold:
    value, multiplicity = CP_TENSOR.formula(sizes)
    shape, terms, true = sizes["shape"], sizes["H"], sizes["r"]
    if (terms, true) == (1, 0):
        return Threshold(value, value, multiplicity, CP_TENSOR.evidence)
    reason = "the dimension expected" if terms == true else "half the least size for each other term, or all entries"
    if true == 0:
        return Threshold.between(Bound(Fraction(min(shape), 2), "one term alone, over the complex numbers"),
                                 Bound(value, reason), None, "proved")
    if not _is_small(sizes, true):
        return Threshold.between(Bound(lambda_of_rank(expected_dimension(shape, 1)), "one term of the truth"),
                                 Bound(value, reason), None, "proved")
    rank = generic_rank(shape, true)
    return Threshold.between(Bound(lambda_of_rank(rank), f"rank {rank} modulo {PRIME}"), Bound(value, reason),
                             1 if 2 * value == rank else None, "certified")


CP_TENSOR = ClosedForm(
    name="cp-tensor",
    title="CP decomposition of a tensor at a truth of fewer terms, the others at zero",
    parameters=(SHAPE, TERMS, TRUE_TERMS),
    sources=(ABO_OTTAVIANI_PETERSON_2009, THIS_PROJECT),
    derived=Derived((D, u, m), _derived),
    expr=(D + u) / 2,
    multiplicity=m,
    conditions=(Condition(r <= H, "the truth has more terms than the model", "r <= H"),),
    assumptions=(
        "T = sum over h <= H of products of a vector for each mode; the truth has r generic terms, the others are 0",
        "D = min(r (sum of sizes - modes + 1), product of sizes); u = (H - r) times the least size, and D + u at most "
        "the product of sizes where fits nearby are onto",
        "the value if H = r and the rank is D, if H = 1 and r = 0, or if D is the product of sizes; else an upper "
        "bound, and `at` gives the bracket",
        "m is the number of modes of the least size if H = 1 and r = 0, else 1 where the value is decided",
    ),
    evidence=Evidence("certified", "half the rank, computed, if H = r; proved at one term of zero", (THIS_PROJECT,)),
    recompute=lambda sizes: rlct(tensor_germ(sizes["shape"], sizes["H"], sizes["r"]), timeout=AUDIT_SECONDS).threshold,
    decide=_decide,
    audits=({"shape": (2, 2, 2), "H": 1, "r": 0}, {"shape": (3, 2, 2), "H": 1, "r": 0},
            {"shape": (3, 4, 3), "H": 1, "r": 0}, {"shape": (2, 2, 2), "H": 1, "r": 1},
            {"shape": (2, 2, 3), "H": 2, "r": 2}),
    derivation="tensors",
)
