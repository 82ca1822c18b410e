"""Deep linear networks at any exact fit, which is known by the ranks of its partial products.

Notation: A_1, ..., A_L of widths d_0, ..., d_L; r_ij is the rank of A_j ... A_{i+1}, r_ii = d_i.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations, islice, pairwise

import sympy

from slt_symbolic.closed_forms.formulas import ClosedForm, Data
from slt_symbolic.closed_forms.linear import (
    DEEP_LINEAR,
    REDUCED_RANK_REGRESSION_LOCAL,
    TRUE_RANK,
    WIDTHS,
    at_normal_form,
)
from slt_symbolic.closed_forms.parameter import Parameter, Sizes
from slt_symbolic.closed_forms.sources import AOYAGI_2024, THIS_PROJECT
from slt_symbolic.conventions import lambda_of_rank
from slt_symbolic.errors import InvalidInput
from slt_symbolic.evidence import Evidence
from slt_symbolic.networks.linear import LinearNetwork, germ_at
from slt_symbolic.threshold import Bound, Threshold

Ranks = Mapping[tuple[int, int], int]
PATTERNS = 2000  # of ranks near the point, the nearest first, that are tried for the upper bound: some 0.3 s


def multiplicities(widths: tuple[int, ...], ranks: Ranks) -> dict[tuple[int, int], int]:
    """How many lines of the network live from layer i to layer j: what determines it up to bases of the layers.

    >>> multiplicities((2, 2, 2), {(0, 1): 1, (1, 2): 1, (0, 2): 0})
    {(0, 0): 1, (0, 1): 1, (0, 2): 0, (1, 1): 0, (1, 2): 1, (2, 2): 1}
    """
    last = len(widths) - 1

    def rank(i: int, j: int) -> int:
        return 0 if i < 0 or j > last else widths[i] if i == j else ranks[i, j]

    return {(i, j): rank(i, j) - rank(i - 1, j) - rank(i, j + 1) + rank(i - 1, j + 1)
            for i in range(last + 1) for j in range(i, last + 1)}


def codimension(widths: tuple[int, ...], lines: Mapping[tuple[int, int], int]) -> int:
    """Of the exact fits with these lines, in all parameters."""
    maps = sum(a * b for (i, j), a in lines.items() for (x, y), b in lines.items() if i <= x <= j <= y)
    orbit = sum(d * d for d in widths) - maps
    rank = lines[0, len(widths) - 1]
    images = rank * (widths[0] + widths[-1]) - rank**2
    return sum(a * b for a, b in pairwise(widths)) - orbit + images


def rank_of_jacobian(widths: tuple[int, ...], ranks: Ranks) -> int:
    """Of the product: images of the later factors grow, row spaces of the earlier ones shrink."""
    last = len(widths) - 1
    images = [0, *(ranks[i, last] for i in range(1, last)), widths[last]]
    rows = [widths[0], *(ranks[0, i] for i in range(1, last))]
    return sum((images[i + 1] - images[i]) * rows[i] for i in range(last))


def _nearby(widths: tuple[int, ...], ranks: Ranks) -> Iterator[dict[tuple[int, int], int]]:
    """Lines of the fits near the point, some negative: all partial ranks at least as large, the product's the same."""
    last = len(widths) - 1
    inner = [(i, j) for i, j in combinations(range(last + 1), 2) if (i, j) != (0, last)]

    def extend(chosen: dict[tuple[int, int], int], rest: list[tuple[int, int]]) -> Iterator[dict[tuple[int, int], int]]:
        if not rest:
            yield multiplicities(widths, chosen)
            return
        (i, j), *others = rest
        for rank in range(ranks[i, j], min(widths[i:j + 1]) + 1):
            yield from extend({**chosen, (i, j): rank}, others)

    return extend({(0, last): ranks[0, last]}, inner)


def normal_form(widths: tuple[int, ...], lines: Mapping[tuple[int, int], int]) -> list[list[list[int]]]:
    """Matrices of zeros and ones with these lines: each line is a basis vector of every layer on its way."""
    places: list[dict[tuple[int, int, int], int]] = [{} for _ in widths]
    for (i, j), number in lines.items():
        for copy in range(number):
            for layer in range(i, j + 1):
                places[layer][i, j, copy] = len(places[layer])
    matrices = []
    for layer, (columns, rows) in enumerate(pairwise(widths)):
        matrix = [[0] * columns for _ in range(rows)]
        for line, column in places[layer].items():
            if line in places[layer + 1]:
                matrix[places[layer + 1][line]][column] = 1
        matrices.append(matrix)
    return matrices


def _read_ranks(sizes: Sizes, given: object) -> tuple[object, Sizes]:
    """``0.1:2,1.2:1,...`` as text, checked, and the rank of the whole product; every i < j once."""
    widths = sizes["widths"]
    wanted = list(combinations(range(len(widths)), 2))
    example = ",".join(f"{i}.{j}:0" for i, j in wanted)
    parts = [re.fullmatch(r"([0-9]{1,4})\.([0-9]{1,4}):([0-9]{1,9})", part) for part in str(given).split(",")]
    found = [(int(x[1]), int(x[2]), int(x[3])) for x in parts if x]
    ranks = {(i, j): rank for i, j, rank in found}
    if len(found) != len(parts) or len(ranks) != len(found) or sorted(ranks) != wanted:
        raise InvalidInput(f"ranks={given}", "must give i.j:rank for each layer i and each later layer j", example)
    if min(multiplicities(widths, ranks).values()) < 0:
        raise InvalidInput(f"ranks={given}", "are no ranks of partial products of matrices of these widths", example)
    return ",".join(f"{i}.{j}:{ranks[i, j]}" for i, j in wanted), {"r": ranks[0, len(widths) - 1]}


def _ranks(sizes: Sizes) -> Ranks:
    """Those that are given, or those of the most singular fit: all r."""
    widths = sizes["widths"]
    if "ranks" not in sizes:
        rank: int = sizes["r"]
        return dict.fromkeys(combinations(range(len(widths)), 2), rank)
    parts = (part.replace(":", ".").split(".") for part in sizes["ranks"].split(","))
    return {(int(i), int(j)): int(rank) for i, j, rank in parts}


def _decide(sizes: Sizes) -> Threshold:
    widths, ranks = sizes["widths"], _ranks(sizes)
    if set(ranks.values()) == {sizes["r"]}:
        value, multiplicity = DEEP_LINEAR.formula({"widths": widths, "r": sizes["r"]})
        return Threshold(value, value, multiplicity, DEEP_LINEAR_LOCAL.evidence)
    if len(widths) == 3:
        two = {"N": widths[0], "H": widths[1], "M": widths[2], "r": sizes["r"], "a": ranks[0, 1], "b": ranks[1, 2]}
        value, multiplicity = REDUCED_RANK_REGRESSION_LOCAL.formula(two)
        return Threshold(value, value, multiplicity, REDUCED_RANK_REGRESSION_LOCAL.evidence)
    rank, least = rank_of_jacobian(widths, ranks), DEEP_LINEAR.formula({"widths": widths, "r": sizes["r"]})[0]
    lower = max(Bound(lambda_of_rank(rank), f"rank {rank} of the Jacobian"), Bound(least, "the minimum over the fibre"))
    costs = [codimension(widths, multiplicities(widths, ranks))]
    nearby = islice(_nearby(widths, ranks), PATTERNS)
    costs += [codimension(widths, lines) for lines in nearby if min(lines.values()) >= 0]
    upper = Bound(lambda_of_rank(min(costs)), f"exact fits of codimension {min(costs)} at the point or near it")
    regular = rank == min(costs)
    return Threshold.between(lower, upper, 1 if regular else None, "proved")


def _recompute(sizes: Sizes) -> Threshold:
    """The engine at matrices of zeros and ones of these ranks."""
    widths = sizes["widths"]
    matrices = normal_form(widths, multiplicities(widths, _ranks(sizes)))
    return at_normal_form(germ_at(LinearNetwork(tuple(widths)), matrices))


DEEP_LINEAR_LOCAL = ClosedForm(
    name="deep-linear-local",
    title="Deep linear networks at any exact fit; without ranks at the most singular one",
    parameters=(WIDTHS, Parameter("r", TRUE_RANK.meaning, minimum=0, default=sympy.Integer(0))),
    sources=(THIS_PROJECT, AOYAGI_2024),
    derived=DEEP_LINEAR.derived,
    expr=DEEP_LINEAR.expr,
    multiplicity=DEEP_LINEAR.multiplicity,
    conditions=DEEP_LINEAR.conditions,
    assumptions=(
        "f(x) = A_L ... A_1 x, the inputs span; at a fit whose partial products A_j ... A_{i+1} have ranks r_ij: "
        "ranks=0.1:r,1.2:r,0.2:r,... gives them, for all i < j; they determine the fit up to bases of the layers",
        "exact where all ranks are r (the formula), for two matrices, and where half the rank of the Jacobian, or the "
        "minimum over the fibre, meets half the codimension of the fits near the point; else `at` gives the bracket",
        *DEEP_LINEAR.assumptions[1:3],
    ),
    evidence=Evidence("proved", "deep-linear at its point; elsewhere ranks, and codimensions of strata near the point",
                      (THIS_PROJECT,)),
    recompute=_recompute,
    decide=_decide,
    data=Data("ranks", str, ("r",), _read_ranks),
    audits=DEEP_LINEAR.audits,
    derivation="deep_linear_local",
)

