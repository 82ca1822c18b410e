r"""Finite mixtures of independent categorical variables (latent class models, naive Bayes), by their local moments.

Theorem. Let ``p = sum_k a_k f(. | b_k)``, k <= H, with ``f(x | b) = prod_i b_i(x_i)``, each ``b_i`` a distribution on
finitely many states, positive at the truth q. For a set S of pairs (variable, state), no variable twice and the last
state of none, and a value c that some of the b_k have at the truth, put ``M_S = sum_k a_k prod_S (b_k - c)`` over these
k, H_c of them, less its value there. Let N be H_c, and one more if q has weight at c. If the functions

    ``e_S(x) = prod_{(i, j) in S} ([x_i = j] - [x_i is last]) prod_{other i} c_i(x_i)``,    c as above, ``|S| < N``,

are independent, the divergence is comparable to the sum of the squares of these ``M_S``; those of the empty S add up to
0. In any case it is comparable to the squares of ``p(x) - q(x)``.

Proof. The last statement: all q(x) are positive (see `categorical`). f is affine in each b_i, so that ``p - q`` is the
sum of ``M_S e_S`` over all c and S. If S has N pairs or more, take N of them, one for each b_k near c and for c itself
if q has weight there. The product of ``(b - b_k)`` at these pairs, and of ``(b - c)`` at the others, vanishes at all of
these points. Expanded in ``b - c`` it says that ``M_S`` is a combination of the ``M_T``, T a proper part of S, whose
coefficients are 0 at the truth. So it is for all ``|S| >= N`` and ``|T| < N``. Let J be the ideal of the latter in the
convergent power series, I that of the ``p(x) - q(x)``: by the independence ``J`` is in ``I + m J``, m the maximal
ideal, and ``I = J`` by Nakayama's lemma.

Source: the moments of Rusakov, Geiger, Journal of Machine Learning Research 6 (2005), at one value and for two classes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, product

import sympy
from flint import fmpq, fmpq_mat

from slt_symbolic.errors import InvalidInput
from slt_symbolic.models.model import expressions, vanishes
from slt_symbolic.models.polynomials import number_of

MOST_CELLS = 4096
LOCAL = ("K is comparable to the squares of the local moments sum_k a_k prod_S (b_k - c), less those of the truth, "
         "over the components near each value c, S fewer variables than there are components there, and the truth: "
         "others are combinations of these with coefficients that vanish, and these have independent functions of the "
         "cells (for two classes at one value: Rusakov, Geiger 2005)")
CELLS = ("K is comparable to the sum over all cells of (p - q)^2, as all q are positive (Watanabe 2009, ch. 7); the "
         "cells are too few for the functions of local moments to be independent")
Table = tuple[tuple[sympy.Expr, ...], ...]  # of each variable the probabilities of all of its states


def tables(given: Sequence[object], point: dict[sympy.Symbol, sympy.Rational]) -> list[Table]:
    """Of each component the distributions of its variables, positive at the truth. Raises `InvalidInput`."""
    found = [tuple(_distribution(one, point) for one in _variables(component)) for component in given]
    shapes = {tuple(map(len, table)) for table in found}
    if len(shapes) > 1:
        raise InvalidInput("components", "differ in their variables, or in the numbers of their states",
                           "the same variables for each component")
    cells = sympy.prod(shapes.pop())
    if cells > MOST_CELLS:
        raise InvalidInput("components", f"have {cells} cells", f"variables with at most {MOST_CELLS} in all")
    return found


def _variables(component: object) -> Sequence[object]:
    if not isinstance(component, Sequence | sympy.Tuple) or isinstance(component, str) or not component:
        raise InvalidInput("components", f"{component!r:.60} is no list of variables",
                           "[(t, [a, b]), (1 - t, [c, d])] for two variables with two states")
    return component


def _distribution(given: object, point: dict[sympy.Symbol, sympy.Rational]) -> tuple[sympy.Expr, ...]:
    """Probabilities of all states; a single one has its complement."""
    found = expressions("probabilities", given, point)
    if not isinstance(given, Sequence | sympy.Tuple):
        found.append(1 - found[0])
    if not vanishes(sum(found) - 1):
        raise InvalidInput("probabilities", f"{str(found)[:60]} do not sum to 1",
                           "those of all states, or that of the first of two")
    values = [p.subs(point) for p in found]
    if not all(value > 0 for value in values):
        raise InvalidInput("probabilities", f"are {', '.join(map(str, values))} at the truth", "positive ones")
    return tuple(found)


def moments(weights: Sequence[sympy.Expr], given: Sequence[Table],
            point: dict[sympy.Symbol, sympy.Rational]) -> tuple[list[sympy.Expr], str]:
    """The moments that decide, and the statement of the reduction."""
    known = [tuple(tuple(p.subs(point) for p in one) for one in table) for table in given]
    totals, others, functions = list[sympy.Expr](), list[sympy.Expr](), list[list[fmpq]]()
    for c in dict.fromkeys(known):
        near = [k for k, place in enumerate(known) if place == c]
        true = any(weights[k].subs(point) for k in near)
        for chosen in _sets(c, len(near) + true):
            moment = sum((weights[k] * sympy.prod(given[k][i][j] - c[i][j] for i, j in chosen) for k in near),
                         sympy.Integer(0))
            (others if chosen or not true else totals).append(moment)
            functions.append(_function(c, dict(chosen)))
    if fmpq_mat(functions).rank() == len(functions):
        return [*totals[1:], *others], LOCAL  # all weights sum to 1: the first total is determined
    cells = product(*(range(len(one)) for one in known[0]))
    return [sum((a * sympy.prod(one[j] for one, j in zip(table, cell, strict=True))
                 for a, table in zip(weights, given, strict=True)), sympy.Integer(0)) for cell in cells], CELLS


def _sets(c: Table, size: int) -> Iterator[tuple[tuple[int, int], ...]]:
    """Fewer than so many pairs of a variable and a state, no variable twice, the last state of none."""
    for count in range(min(size, len(c) + 1)):
        for variables in combinations(range(len(c)), count):
            yield from (tuple(zip(variables, states, strict=True))
                        for states in product(*(range(len(c[i]) - 1) for i in variables)))


def _function(c: Table, chosen: dict[int, int]) -> list[fmpq]:
    """The values of ``e_S`` in all cells."""
    factors = [[int(state == chosen[i]) - int(state == len(one) - 1) for state in range(len(one))] if i in chosen
               else one for i, one in enumerate(c)]
    values = [fmpq(1)]  # in the cells of the variables so far
    for factor in factors:
        numbers = [number_of(sympy.Rational(value)) for value in factor]
        values = [value * number for value in values for number in numbers]
    return values
