"""Worked reductions with the functions of this package: models in a few lines each, at their most singular truths.

>>> star = latent_tree([("a", "h"), ("b", "h"), ("c", "h")])
>>> print(boltzmann_machine(3, 1).rlct().threshold, "|", star.rlct().threshold)
lambda = 3/4, m = 1 | lambda = 3/4, m = 1
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise, product
from math import prod

import networkx as nx
import sympy

from slt_symbolic.check.algebra.ring import ring_of
from slt_symbolic.errors import InvalidInput
from slt_symbolic.models.covariance import covariance
from slt_symbolic.models.model import Model, model
from slt_symbolic.models.polynomials import expression_of
from slt_symbolic.models.regression import regression

ZERO = sympy.Integer(0)
BOLTZMANN = ("cells are polynomials divided by the sum of them all, which is positive: K is comparable to the squares "
             "of their Fourier coefficients but the constant one (Aoyagi 2010, coordinates t = tanh w)")


def boltzmann_machine(visible: int, hidden: int) -> Model:
    """A restricted Boltzmann machine without biases at the uniform truth, all spins +1 or -1, in ``t = tanh w``.

    ``p(x)`` is proportional to ``prod_k sum_h prod_i (1 + t_ik x_i h)``.

    >>> len(boltzmann_machine(4, 1).generators)
    7
    """
    _require_sizes(visible=visible, hidden=hidden)
    t = sympy.symbols(f"t0:{visible * hidden}")
    ring = ring_of([str(symbol) for symbol in t])
    subsets = [frozenset(s) for n in range(0, visible + 1, 2) for s in combinations(range(visible), n)]
    found = {frozenset[int](): ring.constant(1)}
    for k in range(hidden):
        factor = {s: prod((ring.gen(i * hidden + k) for i in s), start=ring.constant(1)) for s in subsets}
        found = {s: sum((a * factor[s ^ r] for r, a in found.items()), ring.constant(0)) for s in subsets}
    moments = tuple(expression_of(found[s], t) for s in subsets if s and found[s])
    return model(moments, dict.fromkeys(t, ZERO), None, None, BOLTZMANN)


def latent_tree(edges: Sequence[tuple[str, str]]) -> Model:
    """A Gaussian tree with unit variances whose leaves are observed, at independent leaves: all correlations 0.

    >>> latent_tree([("a", "h"), ("b", "h")]).generators
    (r0*r1,)
    """
    tree = nx.Graph()
    for i, (one, other) in enumerate(edges):
        tree.add_edge(one, other, r=sympy.Symbol(f"r{i}"))
    if not tree or not nx.is_tree(tree) or len(edges) != tree.number_of_edges():
        raise InvalidInput("edges", f"{list(edges)!r:.60} are not those of a tree", '[("a", "h"), ("b", "h")]')
    leaves = sorted((node for node, degree in tree.degree if degree == 1), key=str)
    def correlation(i: int, j: int) -> sympy.Expr:
        path = nx.shortest_path(tree, leaves[i], leaves[j])
        return sympy.prod(tree.edges[edge]["r"] for edge in pairwise(path))
    matrix = sympy.Matrix(len(leaves), len(leaves), correlation)
    return covariance(matrix, dict.fromkeys((r for _, _, r in tree.edges.data("r")), ZERO))


def tensor(shape: Sequence[int], rank: int) -> Model:
    """A sum of ``rank`` products of vectors, seen entry by entry, at the zero tensor.

    >>> print(tensor((2, 2, 2), 1).rlct().threshold)
    lambda = 1, m = 3
    """
    _require_sizes(rank=rank, **{f"shape[{axis}]": n for axis, n in enumerate(shape)})
    factors = [[sympy.symbols(f"u{k}_{axis}_0:{n}") for axis, n in enumerate(shape)] for k in range(rank)]
    entries = [sum((sympy.prod(v[i] for v, i in zip(one, place, strict=True)) for one in factors), ZERO)
               for place in product(*map(range, shape))]
    return _seen(entries, [x for one in factors for v in one for x in v])


def tied_weights(width: int, depth: int) -> Model:
    """A linear network that applies one matrix ``depth`` times, at the zero matrix.

    >>> print(tied_weights(2, 2).rlct().threshold)
    lambda = 1, m = 2
    """
    _require_sizes(width=width, depth=depth)
    w = sympy.Matrix(width, width, sympy.symbols(f"w0:{width**2}"))
    return _seen(list(w**depth), list(w))


def convolution(first: int, second: int) -> Model:
    """Two linear convolutions with so many taps, one after the other, both 0.

    >>> print(convolution(2, 3).rlct().threshold)
    lambda = 1, m = 1
    """
    _require_sizes(first=first, second=second)
    a, b = sympy.symbols(f"a0:{first}"), sympy.symbols(f"b0:{second}")
    taps = [sum((a[i] * b[n - i] for i in range(first) if 0 <= n - i < second), ZERO)
            for n in range(first + second - 1)]
    return _seen(taps, [*a, *b])


def state_space(modes: int) -> Model:
    """A diagonal linear state space model ``y_n = sum_i c_i a_i^n b_i`` at 0: so many outputs determine the others.

    >>> print(state_space(2).rlct().threshold)
    lambda = 1, m = 4
    """
    _require_sizes(modes=modes)
    a, b, c = (sympy.symbols(f"{name}0:{modes}") for name in "abc")
    return _seen([sum((c[i] * b[i] * a[i]**n for i in range(modes)), ZERO) for n in range(modes)], [*a, *b, *c])


def linear_attention(dimension: int, places: int) -> Model:
    """Linear attention ``sum_t (x_T M x_t) V x_t`` on Gaussian tokens, both matrices 0.

    >>> print(linear_attention(1, 2).rlct().threshold)
    lambda = 1/2, m = 2
    """
    _require_sizes(dimension=dimension, places=places)
    x = [sympy.Matrix(sympy.symbols(f"x{t}_0:{dimension}")) for t in range(places)]
    m, v = (sympy.Matrix(dimension, dimension, sympy.symbols(f"{name}0:{dimension**2}")) for name in "mv")
    seen = sum(((x[-1].T * m * one)[0] * v * one for one in x), sympy.zeros(dimension, 1))
    return regression(list(seen), "gaussian", dict.fromkeys([*m, *v], ZERO))


def relu_cells(units: int, inputs: Sequence[int]) -> list[Model]:
    """``sum_k a_k max(b_k x, 0)`` at 0, on finitely many numbers x: a germ for each cell of signs of the ``b_k``.

    The coefficient is the least over the cells, `slt_symbolic.rlct_over` of their answers. Inputs of one sign are
    refused: in the cell in which no unit is active the loss is 0, and so is lambda.

    >>> from slt_symbolic import rlct_over
    >>> print(rlct_over([cell.rlct() for cell in relu_cells(2, [1, -1])]))
    lambda = 1/2, m = 1
    """
    _require_sizes(units=units)
    if not any(x > 0 for x in inputs) or not any(x < 0 for x in inputs):
        raise InvalidInput("inputs", f"{list(inputs)!r:.60} leave all units inactive in one cell: lambda is 0 there",
                           "inputs of both signs")
    a, b = sympy.symbols(f"a0:{units}"), sympy.symbols(f"b0:{units}")
    cells = []
    for signs in product((1, -1), repeat=units):
        active = [[k for k, sign in enumerate(signs) if sign * x > 0] for x in inputs]
        values = [sum((a[k] * b[k] * x for k in some), ZERO) for some, x in zip(active, inputs, strict=True)]
        domain = [f"{b[k]}{'>=' if sign > 0 else '<='}0" for k, sign in enumerate(signs)]
        cells.append(_seen(values, [*a, *b], domain))
    return cells


def _require_sizes(**sizes: object) -> None:
    for name, size in sizes.items():
        if type(size) is not int or size < 1:
            raise InvalidInput(f"{name}={size!r:.40}", "is no size", "a positive integer")


def _seen(values: Sequence[sympy.Expr], parameters: Sequence[sympy.Symbol], domain: list[str] | None = None) -> Model:
    """Regression whose loss sees these values, each at an input of its own."""
    return regression(list(values), [{sympy.Dummy("input"): 0}], dict.fromkeys(parameters, ZERO), domain=domain)
