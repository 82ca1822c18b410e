"""Polynomials as sums of squares: of the terms that were typed, by completing squares, by a rational Gram matrix.

Floats propose, exact arithmetic decides: what leaves this file adds up to the polynomial.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction
from itertools import product
from math import prod

import numpy as np
from flint import fmpq, fmpq_mat
from numpy.typing import NDArray

from slt_symbolic.check.algebra.ring import Exponent, Polynomial, coefficients_in, fraction, monomial, terms
from slt_symbolic.check.steps.bounds import part_of_least_weight
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search.tree import Proposal, poll, propose

LARGEST_BOX = 20_000  # monomials that are looked at
MOST_MONOMIALS = 100  # of a Gram matrix
FEW_MONOMIALS = 15  # of the one of the terms of least degree
SLOPES = 60  # random linear functions that bound the Newton polytope
POINTS, COORDINATES = 60, (-2, -1, 1, 2, 3)  # where signs are looked at
COLUMNS = (10, 8, 7, 6, 5, 4, 3, 2)  # of L in a Gram matrix L L^T; with more than its rank the steps are slow
STARTS = 4  # solutions whose mean has the largest rank
BLOCK = 48  # rows of a matrix
STEPS = 60  # of Gauss and Newton
DIGITS = 12  # to which the equations are solved; rounding leaves some multiples of 1e-13
DENOMINATORS = (1, 2, 12, 120, 2520, 10**6)
DENOMINATORS_OF_AN_IMAGE = ((200, 1 / 10**4), (12, 2 / 10**3))  # the largest, and how near: solutions may be rough

Squares = list[tuple[Fraction, Polynomial]]
Matrix = NDArray[np.float64]


def as_squares(s: Stratum, summands: Sequence[Polynomial] = ()) -> Proposal | None:
    """The only generator as a sum of squares: of those among its terms as they were typed, or of others.

    Which ones does not matter: sums of squares with one value are comparable.
    """
    if len(s.generators) != 1:
        return None
    for squares in _decompositions(s.generators[0], summands):
        if len(squares) > 1:
            proposal = propose(s, "squares", squares=[[str(c), str(q)] for c, q in squares])
            if proposal is not None:
                return proposal
    return None


def begun_bases(f: Polynomial) -> Iterator[Polynomial]:
    """What is squared at the beginning of f, whatever else it is: as power series, and their least terms.

    Least across the variables along which f is 0, which may be in all coefficients.

    >>> from slt_symbolic.check.algebra.ring import ring_of
    >>> a, x, y = ring_of(["a", "x", "y"]).gens()
    >>> str(next(begun_bases(((1 + a) * x + y)**2 + x**4 * y**2)))
    'a*x + x + y'
    """
    across = _across(f)
    for squares in _begun(f):
        for _, base in squares:
            yield base
            yield part_of_least_weight(base, across)


def is_typed_as_squares(summands: Sequence[Polynomial]) -> bool:
    """Are the terms, as they were typed, all squares?"""
    return len(summands) > 1 and all(_square(p) is not None for p in summands)


def as_total(s: Stratum) -> Proposal | None:
    """All generators as one function."""
    if len(s.generators) < 2:
        return None
    return propose(s, "total", coefficients=["1"] * len(s.generators))


def _decompositions(f: Polynomial, summands: Sequence[Polynomial]) -> Iterator[Squares]:
    """The squares that were typed, if the other terms are a sum of squares too; then those of all of it."""
    typed = [(p, _square(p)) for p in summands]
    known = [square for _, square in typed if square is not None]
    if known:
        rest = sum((p for p, square in typed if square is None), f.context().constant(0))
        for others in _sums(rest):
            yield [*known, *others]
    yield from _sums(f)


def _sums(f: Polynomial) -> Iterator[Squares]:
    if f.is_zero():
        yield []
        return
    if _is_negative(f):
        return
    for decompose in (_completed, _by_gram_matrix):  # a Gram matrix takes much longer
        found = decompose(f)
        if found is not None:
            yield found
            return


def _is_negative(f: Polynomial) -> bool:
    """Is it negative at one of some points? What is left of a sum without some of its terms often is."""
    generator = random.Random(0)
    size = len(f.degrees())
    return any(f(*(generator.choice(COORDINATES) for _ in range(size))) < 0 for _ in range(POINTS))


def _square(p: Polynomial) -> tuple[Fraction, Polynomial] | None:
    """``p = c q^2`` with ``c > 0``."""
    if p.is_zero():
        return None
    c, table = p.factor()
    if c < 0 or any(e % 2 for _, e in table):
        return None
    q = prod((g ** (int(e) // 2) for g, e in table), start=p.context().constant(1))
    return fraction(c), q


def _completed(f: Polynomial) -> Squares | None:
    """Squares completed in one variable after the other, or from their least terms; at last one square, or even."""
    poll()
    if f.is_zero():
        return []
    whole = _square(f)
    if whole is not None:
        return [whole]
    if all(c > 0 and not any(a % 2 for a in e) for e, c in terms(f).items()):
        return [(fraction(c), monomial(f.context(), [a // 2 for a in e])) for e, c in terms(f).items()]
    for j, degree in enumerate(f.degrees()):
        if degree != 2:
            continue
        parts = coefficients_in(f, [j])
        top = parts[(2,)]
        if top.is_constant() and top.leading_coefficient() > 0:
            a = top.leading_coefficient()
            base = f.context().gens()[j] + f.context().constant(0) + parts.get((1,), f.context().constant(0)) / (2 * a)
            rest = _completed(f - base**2 * a)
            if rest is not None:
                return [(fraction(a), base), *rest]
    return _by_least_terms(f)


def _by_least_terms(f: Polynomial) -> Squares | None:
    for squares in _begun(f):
        others = _completed(_rest(f, squares))
        if others is not None:
            return [*squares, *others]
    return None


def _begun(f: Polynomial) -> Iterator[Squares]:
    """The squares of the terms of least degree, continued as power series as far as these are squares of f."""
    least = _least_terms(f)
    if least == f:
        return
    start = _completed(least) or (_by_gram_matrix(least) if len(_half(least)) <= FEW_MONOMIALS else None)
    if start is not None:
        yield from _continued(f, start)


def _continued(f: Polynomial, squares: Squares) -> Iterator[Squares]:
    """Terms of higher degree added to the bases, until some terms of f are of other squares: with, without the last."""
    rest, complete = _rest(f, squares), True
    while complete and not rest.is_zero():
        poll()
        left, more = _least_terms(rest), list[Polynomial]()
        for c, base in squares:
            quotient, left = divmod(left, _least_terms(base) * (2 * fmpq(c.numerator, c.denominator)))
            more.append(quotient)
        if all(m.is_zero() or 2 * m.total_degree() > f.total_degree() for m in more):
            break
        before, complete = squares, left.is_zero()
        squares = [(c, base + m) for (c, base), m in zip(squares, more, strict=True)]
        rest = _rest(f, squares)
        if not complete:
            yield squares
            squares = before
    yield squares


def _rest(f: Polynomial, squares: Squares) -> Polynomial:
    return f - sum((base**2 * fmpq(c.numerator, c.denominator) for c, base in squares), f.context().constant(0))


def _least_terms(f: Polynomial) -> Polynomial:
    return part_of_least_weight(f, [1] * len(f.degrees()))


def _across(f: Polynomial) -> list[int]:
    """Weights: 1 of all variables but some along which f is 0 where the others are."""
    supports, along = {frozenset(j for j, a in enumerate(e) if a) for e in terms(f)}, frozenset[int]()
    for j in range(len(f.degrees())):
        if not any(support <= along | {j} for support in supports):
            along |= {j}
    return [int(j not in along) for j in range(len(f.degrees()))]


def _by_gram_matrix(f: Polynomial) -> Squares | None:
    """``f = v^T G v`` with monomials v and a rational positive semidefinite G of the largest rank."""
    basis = _half(f)
    if not 0 < len(basis) <= MOST_MONOMIALS:
        return None
    for gram in _mean_grams(f, basis):
        rows = _image(gram)
        if rows is not None:
            ring = f.context()
            bases = [ring.from_dict({m: fmpq(a.numerator, a.denominator) for m, a in zip(basis, row, strict=True) if a})
                     for row in rows]
            pivots = [next(i for i, a in enumerate(row) if a) for row in rows]
            found = _exact(f, bases, gram[np.ix_(pivots, pivots)])
            if found is not None:
                return found
    return None


def _half(f: Polynomial) -> list[Exponent]:
    """The monomials whose squares lie in the Newton polytope, without those that no square can have."""
    table = terms(f)
    exponents = list(table)
    size = len(exponents[0])
    ranges = [range((min(column) + 1) // 2, max(column) // 2 + 1) for column in zip(*exponents, strict=True)]
    if not 0 < prod(len(r) for r in ranges) <= LARGEST_BOX:
        return []
    generator = random.Random(0)
    slopes = np.array([[1] * size, *([generator.randint(-20, 20) for _ in range(size)] for _ in range(SLOPES))])
    values = slopes @ np.array([[int(a) for a in e] for e in exponents]).T
    box = np.array(list(product(*ranges)))
    doubled = 2 * slopes @ box.T
    inside = (doubled >= values.min(1)[:, None]) & (doubled <= values.max(1)[:, None])
    found = [tuple(int(a) for a in m) for m in box[inside.all(0)]]
    while 0 < len(found) <= 4 * MOST_MONOMIALS:
        poll()
        sums: dict[Exponent, int] = {}
        for a in found:
            for b in found:
                e = tuple(map(int.__add__, a, b))
                sums[e] = sums.get(e, 0) + 1
        kept = [m for m in found if (double := tuple(2 * a for a in m)) in table or sums[double] > 1]
        if len(kept) == len(found):
            break
        found = kept
    return found


def _mean_grams(f: Polynomial, basis: Sequence[Exponent]) -> Iterator[Matrix]:
    """Means of several positive semidefinite solutions of ``f = v^T G v``, those of the largest rank first.

    By blocks of one class of signs first, which are fewer unknowns; where the solution is no inner point of these alone
    the steps may not converge.
    """
    classes = _sign_classes(terms(f), basis)
    for own in (classes, [()] * len(basis)) if len(set(classes)) > 1 else (classes,):
        yield from _means_of_solutions(f, basis, own)


def _means_of_solutions(f: Polynomial, basis: Sequence[Exponent], classes: Sequence[Exponent]) -> Iterator[Matrix]:
    """The same, with 0 between monomials of different classes."""
    places: dict[Exponent, int] = {}
    classed = list(zip(basis, classes, strict=True))
    index = np.array([[places.setdefault(tuple(map(int.__add__, a, b)), len(places)) if own == other else -1
                       for b, other in classed] for a, own in classed])
    table = terms(f)
    if any(tuple(e) not in places for e in table):
        return
    goal = np.array([float(fraction(table[e])) if e in table else 0 for e in places], dtype=np.float64)
    for columns in COLUMNS:
        found: list[Matrix] = []
        for seed in range(STARTS):
            gram = _solved(index, goal, min(columns, len(basis)), seed) if len(found) == seed else None
            if gram is not None:
                found.append(gram)
        if found:
            yield np.asarray(sum(found) / len(found))


def _sign_classes(table: Collection[Exponent], basis: Sequence[Exponent]) -> list[Exponent]:
    """The parities of monomials, modulo those that occur in f.

    Changes of signs of variables that leave f alone average a Gram matrix to one that is 0 between classes.
    """
    echelon: list[Exponent] = []

    def reduced(e: Exponent) -> Exponent:
        parity = tuple(a % 2 for a in e)
        for row in echelon:
            if parity[row.index(1)]:
                parity = tuple(a ^ b for a, b in zip(parity, row, strict=True))
        return parity

    for e in table:
        if any(parity := reduced(e)):
            echelon.append(parity)
    return [reduced(m) for m in basis]


def _solved(index: NDArray[np.int64], goal: Matrix, columns: int, seed: int) -> Matrix | None:
    """G with ``v^T G v = f``: ``L L^T`` with 0 where the index is -1, by damped Gauss-Newton steps for L."""
    size, number = len(index), len(goal)
    scale = float(np.abs(goal).max())
    factor: Matrix = np.random.default_rng(seed).normal(size=(size, columns)) * np.sqrt(scale / size)
    damping = 1 / 100
    # The normal matrix sums over i the pairs of monomials (ij, ik): as one count. What is left out has the last place.
    index = np.where(index < 0, number, index)
    places = (index[:, :, None] * (number + 1) + index[:, None, :]).ravel()

    def residual(trial: Matrix) -> Matrix:
        return np.asarray(np.bincount(index.ravel(), (trial @ trial.T).ravel(), number + 1)[:number] - goal)

    r = residual(factor)
    for _ in range(STEPS):
        poll()
        if np.abs(r).max() < scale / 10**DIGITS:
            return np.where(index < number, factor @ factor.T, 0)
        pairs = np.broadcast_to(4 * factor @ factor.T, (size, size, size)).ravel()
        counts = np.bincount(places, pairs, (number + 1)**2).reshape(number + 1, -1)
        normal: Matrix = np.asarray(counts[:number, :number], np.float64)
        # Near a Gram matrix of less than full rank the normal matrix is singular, and r no help: it stays definite.
        shift = max(damping * np.linalg.norm(r), normal.trace() / number / 10**12)
        multipliers = np.append(_definite_solution(normal + shift * np.eye(number), r), 0)
        moved = factor - 2 * multipliers[index] @ factor
        s = residual(moved)
        if s @ s < r @ r:
            factor, r, damping = moved, s, damping / 3
        else:
            damping *= 10
    return None


def _definite_solution(matrix: Matrix, goal: Matrix) -> Matrix:
    """The solution of linear equations with a positive definite matrix, by blocks.

    A matrix larger than a block LAPACK shares among threads, which wait for each other where processors are busy: a
    hundred times as long.
    """
    n, table = len(goal), np.column_stack([matrix, goal])
    blocks = [slice(k, min(k + BLOCK, n)) for k in range(0, n, BLOCK)]
    for place, k in enumerate(blocks):
        for j in (*blocks[place + 1:], slice(n, n + 1)):
            table[k, j] = np.linalg.solve(table[k, k], table[k, j])
            for i in blocks[place + 1:]:
                table[i, j] -= table[i, k] @ table[k, j]
    for place, k in reversed(list(enumerate(blocks))):
        for i in blocks[:place]:
            table[i, n] -= table[i, k] @ table[k, n]
    return table[:, n]


def _image(gram: Matrix) -> list[list[Fraction]] | None:
    """A rational basis, in reduced echelon form, of the image of a matrix of floats; None if none is seen."""
    values, vectors = np.linalg.eigh(gram)
    kept = vectors[:, values > values[-1] / 10**4].T
    rows = [list(row) for row in kept]
    found: list[list[float]] = []
    column = 0
    while rows and column < len(gram):
        best = max(range(len(rows)), key=lambda i: abs(rows[i][column]))
        if abs(rows[best][column]) > 1 / 10**3:
            row = rows.pop(best)
            row = [a / row[column] for a in row]
            rows = [[a - other[column] * b for a, b in zip(other, row, strict=True)] for other in rows]
            found = [[a - other[column] * b for a, b in zip(other, row, strict=True)] for other in found]
            found.append(row)
        column += 1
    if rows:
        return None
    for denominator, error in DENOMINATORS_OF_AN_IMAGE:
        exact = [[Fraction(float(a)).limit_denominator(denominator) for a in row] for row in found]
        if all(abs(float(a) - float(b)) < error for old, new in zip(found, exact, strict=True)
               for a, b in zip(old, new, strict=True)):
            return exact
    return None


def _exact(f: Polynomial, bases: Sequence[Polynomial], guess: Matrix) -> Squares | None:
    """Rational ``S > 0`` near the guess with ``f = sum S_kl b_k b_l``, as squares."""
    pairs = [(k, i) for k in range(len(bases)) for i in range(k + 1)]
    columns = [terms(bases[k] * bases[i] * (1 if k == i else 2)) for k, i in pairs]
    exponents = sorted({e for column in (*columns, terms(f)) for e in column})
    matrix = [[column.get(e, fmpq(0)) for column in columns] for e in exponents]
    goal = [terms(f).get(e, fmpq(0)) for e in exponents]
    for denominator in DENOMINATORS:
        poll()
        near = [fmpq(round(float(guess[k, i]) * denominator), denominator) for k, i in pairs]
        missing = fmpq_mat([[b] for b in goal]) - fmpq_mat(matrix) * fmpq_mat([[x] for x in near])
        correction = _solution(matrix, [missing[i, 0] for i in range(len(goal))])
        if correction is None:
            return None
        table = {pair: x + y for pair, x, y in zip(pairs, near, correction, strict=True)}
        found = _diagonal(table, bases)
        if found is not None:
            return found
    return None


def _solution(matrix: Sequence[Sequence[fmpq]], goal: Sequence[fmpq]) -> list[fmpq] | None:
    """A solution of linear equations, 0 off the pivots."""
    width = len(matrix[0])
    echelon, rank = fmpq_mat([[*row, b] for row, b in zip(matrix, goal, strict=True)]).rref()
    found = [fmpq(0)] * width
    for i in range(rank):
        pivot = next(j for j in range(width + 1) if echelon[i, j] != 0)
        if pivot == width:
            return None
        found[pivot] = echelon[i, width]
    return found


def _diagonal(table: dict[tuple[int, int], fmpq], bases: Sequence[Polynomial]) -> Squares | None:
    """The squares of ``sum S_kl b_k b_l`` by elimination; None if S is not positive definite."""
    size = len(bases)
    rest = [[table[max(k, i), min(k, i)] for i in range(size)] for k in range(size)]
    found: Squares = []
    for k in range(size):
        d = rest[k][k]
        if d <= 0:
            return None
        row = [a / d for a in rest[k]]
        found.append((fraction(d), sum((bases[i] * row[i] for i in range(k, size)), bases[0].context().constant(0))))
        rest = [[a - rest[i][k] * b for a, b in zip(rest[i], row, strict=True)] for i in range(size)]
    return found
