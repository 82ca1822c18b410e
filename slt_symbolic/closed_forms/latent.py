"""Gaussian models with latent variables: factor analysis, and latent trees and forests.

The variances of the observed variables are coordinates; what is left are the covariances of pairs.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import combinations, pairwise

import networkx
import sympy
from flint import nmod_mat
from sympy import symbols

from slt_symbolic.closed_forms.at_weights import AUDIT_SECONDS
from slt_symbolic.closed_forms.boltzmann import nearly_orthogonal
from slt_symbolic.closed_forms.formulas import ClosedForm, Data
from slt_symbolic.closed_forms.parameter import Condition, Derived, Parameter, Sizes
from slt_symbolic.closed_forms.sources import DRTON_2007, DRTON_2017, THIS_PROJECT
from slt_symbolic.conventions import lambda_of_rank
from slt_symbolic.engine import rlct
from slt_symbolic.errors import InvalidInput
from slt_symbolic.evidence import Evidence
from slt_symbolic.germ.germ import Germ
from slt_symbolic.ranks.jacobian import PRIME
from slt_symbolic.search.proofs.newton import monomial_threshold
from slt_symbolic.threshold import Bound, Threshold

VARIABLES = Parameter("p", "number of observed variables")
FACTORS = Parameter("k", "number of factors of the model")
TRUE_FACTORS = Parameter("r", "number of factors of the truth", minimum=0)
p, k, r = (parameter.symbol for parameter in (VARIABLES, FACTORS, TRUE_FACTORS))
D, u, m = symbols("D u m")
LARGEST_RANK = 40  # variables, up to which the rank is computed


def expected_dimension(variables: int, factors: int) -> int:
    """Parameters less rotations of the factors, or all covariances: at least the dimension of the model."""
    factors = min(factors, variables)
    return min(variables * (factors + 1) - factors * (factors - 1) // 2, variables * (variables + 1) // 2)


def _derived(sizes: Sizes) -> tuple[int, int, int]:
    """``D, u, m``: the dimension of the true model, and what more factors at zero add at most, times 4.

    >>> _derived({"p": 3, "k": 2, "r": 0})
    (3, 6, 3)
    """
    variables, factors, true = sizes["p"], sizes["k"], sizes["r"]
    linear = expected_dimension(variables, true)
    if factors == true or linear == variables * (variables + 1) // 2:
        return linear, 0, 1
    more, multiplicity = nearly_orthogonal(variables, factors - true)
    return linear, more, multiplicity if true == 0 else 1


def factor_germ(variables: int, loadings: list[list[int]]) -> Germ:
    """The off-diagonal covariances of L L^T less the truth's, at integer loadings (variables × factors)."""
    factors = len(loadings[0])
    moves = [sympy.symbols(f"l{i}_0:{factors}") for i in range(variables)]
    rows = [[value + move for value, move in zip(row, names, strict=True)]
            for row, names in zip(loadings, moves, strict=True)]
    generators = [sympy.expand(sum(x * y for x, y in zip(rows[i], rows[j], strict=True))
                               - sum(x * y for x, y in zip(loadings[i], loadings[j], strict=True)))
                  for i, j in combinations(range(variables), 2)]
    return Germ.at(generators, tuple(x for row in moves for x in row))


def generic_rank(variables: int, factors: int) -> int:
    """The rank of the covariances in loadings and variances modulo a prime, at seeded loadings."""
    rng = random.Random(0)
    loadings = [[rng.randrange(PRIME) for _ in range(factors)] for _ in range(variables)]
    pairs = [*combinations(range(variables), 2)]
    rows = []
    for i in range(variables):
        for f in range(factors):
            rows.append([loadings[b][f] if i == a else loadings[a][f] if i == b else 0 for a, b in pairs])
    return variables + (int(nmod_mat(rows, PRIME).rank()) if rows and pairs else 0)


def _decide(sizes: Sizes) -> Threshold:
    variables, true = sizes["p"], sizes["r"]
    value, multiplicity = FACTOR_ANALYSIS.formula(sizes)
    if true == 0:
        return Threshold(value, value, multiplicity, Evidence("proved", "rows that are orthogonal", (THIS_PROJECT,)))
    if 2 * value == expected_dimension(variables, true) and variables <= LARGEST_RANK:
        rank = generic_rank(variables, true)
        return Threshold.between(Bound(lambda_of_rank(rank), f"rank {rank} modulo {PRIME}"),
                                 Bound(value, "parameters less rotations, or all covariances"), 1, "certified")
    rank = generic_rank(variables, true) if variables <= LARGEST_RANK else variables
    return Threshold.between(Bound(lambda_of_rank(rank), f"rank {rank} at the point"),
                             Bound(value, "the other factors alone, rows that are orthogonal"), None, "proved")


def _recompute(sizes: Sizes) -> Threshold:
    """The engine at small integer loadings, with half of the variances' number added."""
    rng = random.Random(1)
    loadings = [[rng.randint(1, 3) * int(f < sizes["r"]) for f in range(sizes["k"])] for _ in range(sizes["p"])]
    half = Fraction(sizes["p"], 2)
    if sizes["p"] == 1:
        bound = Bound(half, "the variance")
        return Threshold.between(bound, bound, 1, "certified")
    found = rlct(factor_germ(sizes["p"], loadings), timeout=AUDIT_SECONDS)
    return Threshold.between(Bound(half + found.lower, "the variances, and the engine"),
                             Bound(half + found.upper, "as below"), found.multiplicity, "certified")


FACTOR_ANALYSIS = ClosedForm(
    name="factor-analysis",
    title="Factor analysis at a truth of fewer factors, the others at zero",
    parameters=(VARIABLES, FACTORS, TRUE_FACTORS),
    sources=(THIS_PROJECT, DRTON_2007),
    derived=Derived((D, u, m), _derived),
    expr=D / 2 + u / 4,
    multiplicity=m,
    conditions=(Condition(r <= k, "the truth has more factors than the model", "r <= k"),),
    assumptions=(
        "covariance L L^T + Psi, L of shape p × k, Psi diagonal and positive; the truth is generic with r factors, and "
        "the other k - r columns of L are 0",
        "D = min(p(r+1) - r(r-1)/2, p(p+1)/2) for r <= p; u = p min(k - r, p - 1), or 0 if D = p(p+1)/2; at r = 0, "
        "k = p - 1 >= 1 m = p, else m = 1",
        "the value if k = r, if r = 0, or if D = p(p+1)/2; else an upper bound, and `at` gives the bracket",
    ),
    evidence=Evidence("certified", "half the rank, computed, if k = r; proved at zero loadings",
                      (THIS_PROJECT,)),
    recompute=_recompute,
    decide=_decide,
    audits=({"p": 1, "k": 1, "r": 0}, {"p": 2, "k": 1, "r": 0}, {"p": 3, "k": 1, "r": 0}, {"p": 4, "k": 1, "r": 0},
            {"p": 3, "k": 1, "r": 1}, {"p": 4, "k": 1, "r": 1}, {"p": 2, "k": 2, "r": 0}, {"p": 3, "k": 2, "r": 0},
            {"p": 3, "k": 2, "r": 1}),
    derivation="latent_gaussian",
)


def _read_edges(_sizes: Sizes, given: object) -> tuple[object, Sizes]:
    """The edges as a tuple of pairs of names, and the number of leaves; a graph without circles."""
    example = '[["h", 1], ["h", 2], ["h", 3]]'
    if not isinstance(given, Iterable) or isinstance(given, (str, bytes, Mapping)):
        raise InvalidInput("edges", "must be a list of [a, b]", example)
    edges = []
    for index, edge in enumerate(given):
        if not isinstance(edge, (list, tuple)) or len(edge) != 2 or not all(isinstance(x, (str, int)) for x in edge):
            raise InvalidInput("edges", f"entry {index} is {edge!r:.60}, not two names", example)
        edges.append((str(edge[0]), str(edge[1])))
    graph = networkx.Graph(edges)
    if not edges or len(graph.edges) != len(edges) or not networkx.is_forest(graph):
        raise InvalidInput("edges", "are not those of a forest, each once", example)
    return tuple(edges), {"leaves": sum(degree == 1 for _, degree in graph.degree)}


def paths_between_leaves(edges: Iterable[tuple[str, str]]) -> list[tuple[int, ...]]:
    """For each two leaves of one tree the exponents of their covariance: the edges on the path between them.

    >>> paths_between_leaves([("h", "1"), ("h", "2"), ("h", "3")])
    [(1, 1, 0), (1, 0, 1), (0, 1, 1)]
    """
    edges = list(edges)
    graph = networkx.Graph(edges)
    leaves = [node for edge in edges for node in edge if graph.degree[node] == 1]
    found = []
    for a, b in combinations(leaves, 2):
        if networkx.has_path(graph, a, b):
            path = networkx.shortest_path(graph, a, b)
            steps = {frozenset(step) for step in pairwise(path)}
            found.append(tuple(int(frozenset(edge) in steps) for edge in edges))
    return found


LEAVES = Parameter("leaves", "number of leaves, which are observed", minimum=2,
                   default=sympy.Integer(3))
leaves = LEAVES.symbol


def _star(number: int) -> tuple[tuple[str, str], ...]:
    """The star, whose leaves are joined to one latent variable; for two leaves a path."""
    return tuple(("h", str(leaf)) for leaf in range(number))


def _independent(sizes: Sizes) -> Threshold:
    """Half for each variance, and the monomial ideal of the covariances, by Howald's theorem."""
    value, multiplicity = monomial_threshold(paths_between_leaves(sizes.get("edges", _star(sizes["leaves"]))))
    total = Fraction(sizes["leaves"], 2) + value
    how = "variances are coordinates; the covariances are monomials in the correlations of the edges"
    return Threshold(total, total, multiplicity, Evidence("proved", how, (DRTON_2017, THIS_PROJECT)))


def _at_forest(sizes: Sizes) -> Threshold:
    if "edges" in sizes:
        return _independent(sizes)
    value, multiplicity = LATENT_FOREST.formula(sizes)
    return Threshold(value, value, multiplicity, LATENT_FOREST.evidence)


LATENT_FOREST = ClosedForm(
    name="latent-forest",
    title="Gaussian latent forest at the truth of independent leaves; without edges a star",
    parameters=(LEAVES,),
    sources=(DRTON_2017, THIS_PROJECT),
    expr=3 * leaves / 4,
    multiplicity=sympy.Piecewise((2, sympy.Eq(leaves, 2)), (1, True)),
    assumptions=(
        "the leaves are observed, all other nodes are latent; the correlation of two leaves is the product of the "
        "correlations, between -1 and 1, of the edges on the path between them",
        "the truth has independent leaves; the minimum over the fibre, attained where all correlations are 0",
        "edges=FILE, a JSON list of [a, b], gives the forest; without it the formula is that of a star",
    ),
    evidence=Evidence("proved", "variances are coordinates; the covariances are monomials", (DRTON_2017, THIS_PROJECT)),
    recompute=_independent,
    decide=_at_forest,
    data=Data("edges", list[tuple[str, str]], ("leaves",), _read_edges),
    audits=({"leaves": 2}, {"leaves": 3}, {"leaves": 4}, {"leaves": 6}),
    derivation="latent_gaussian",
)
