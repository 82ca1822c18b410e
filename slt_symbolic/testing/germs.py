"""Germs whose ``(lambda, m)`` their construction forces, and architectures, as Hypothesis strategies.

Three families, each from one theorem, then rules that preserve or combine answers:

``monomial_germs``        Howald's theorem, the linear program of `slt_symbolic.search.proofs.newton`
``arrangements``          products of linear forms (Mustata 2006, Teitler 2008): the minimum over the flats
``power_sums``            ``c_1 x_1^a_1 + ... + c_n x_n^a_n``: one weighted blow-up
``sums``, ``products``    in separate variables
``powers``                ``sum g_i^(2k)`` is comparable to ``(sum g_i^2)^k``
``with_units``, ``linear_combinations``, ``in_other_coordinates``   the same ideal, disguised

Variables are ``x1, x2, ...`` everywhere. Substitution is of text, so a germ shows how it was made, and no polynomial
arithmetic of this package has a part in the known answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from typing import TypeAlias

import hypothesis
from flint import fmpz_mat
from hypothesis import strategies as st

from slt_symbolic.search.proofs.newton import monomial_threshold


@dataclass(frozen=True)
class KnownGerm:
    """Generators at the origin with their ``(lambda, m)``, and why it is that."""

    generators: tuple[str, ...]
    variables: tuple[str, ...]
    lambda_: Fraction
    multiplicity: int
    reason: str


Germs: TypeAlias = hypothesis.strategies.SearchStrategy[KnownGerm]


# Germs from one theorem each.


def monomial_germ(exponents: Sequence[tuple[int, ...]]) -> KnownGerm:
    """The ideal of the monomials with these exponents: Howald's theorem.

    >>> monomial_germ([(2, 1), (0, 3)]).generators
    ('x1^2*x2', 'x2^3')
    """
    names = _names(len(exponents[0]))
    value, multiplicity = monomial_threshold(exponents)
    return KnownGerm(tuple(_monomial(names, e) for e in exponents), names, value, multiplicity, "Newton polyhedron")


def arrangement(forms: Sequence[tuple[int, ...]], multiplicities: Sequence[int]) -> KnownGerm:
    """The product of powers of linear forms, no two of them proportional.

    Blowing up all flats ``W`` (intersections of hyperplanes), smallest dimension first, makes the product monomial;
    ``W`` contributes ``codim W / (2 sum of the multiplicities of the forms that vanish on W)``, and the divisors of
    several flats meet if and only if they form a chain. All flats of rational forms have real points. So ``lambda`` is
    the minimum over the flats and ``m`` the length of the longest chain of flats that attain it.

    >>> germ = arrangement([(1, 0), (0, 1), (1, 1)], [2, 1, 1])
    >>> germ.generators, germ.lambda_, germ.multiplicity
    (('(x1)^2*(x2)*(x1 + x2)',), Fraction(1, 4), 2)
    """
    flats: dict[frozenset[int], int] = {}
    for size in range(1, len(forms) + 1):
        for chosen in combinations(range(len(forms)), size):
            span = [forms[i] for i in chosen]
            flats[frozenset(i for i, form in enumerate(forms) if _rank([*span, form]) == _rank(span))] = _rank(span)
    values = {flat: Fraction(rank, 2 * sum(multiplicities[i] for i in flat)) for flat, rank in flats.items()}
    least = min(values.values())
    chains: dict[frozenset[int], int] = {}
    for flat in sorted((f for f in flats if values[f] == least), key=flats.__getitem__):
        chains[flat] = 1 + max((length for other, length in chains.items() if other < flat), default=0)
    names = _names(len(forms[0]))
    factors = (_power(_polynomial(list(zip(form, names, strict=True))), k)
               for form, k in zip(forms, multiplicities, strict=True))
    return KnownGerm(("*".join(factors),), names, least, max(chains.values()), "flats of an arrangement")


def power_sum(coefficients: Sequence[int], exponents: Sequence[int]) -> KnownGerm:
    """``c_1 x_1^a_1 + ... + c_n x_n^a_n`` for ``n >= 2`` and nonzero ``c_i``.

    The blow-up with weights ``1/a_i`` contributes ``s/2``, ``s = sum 1/a_i``. What is left of the zero set is smooth
    and transversal to it; if it has real points (an odd exponent or two signs) it contributes 1/2; on a tie ``m = 2``.

    >>> germ = power_sum([1, -1], [2, 3])
    >>> germ.generators, germ.lambda_, germ.multiplicity
    (('x1^2 - x2^3',), Fraction(5, 12), 1)
    >>> power_sum([1, 1, 1], [2, 2, 2]).lambda_, power_sum([1, 1, -1], [2, 2, 2]).lambda_
    (Fraction(3, 4), Fraction(1, 2))
    """
    names = _names(len(exponents))
    weight = sum((Fraction(1, a) for a in exponents), Fraction(0))
    zeros = any(a % 2 for a in exponents) or len({c > 0 for c in coefficients}) == 2
    text = _polynomial([(c, f"{x}^{a}") for c, x, a in zip(coefficients, names, exponents, strict=True)])
    return KnownGerm((text,), names, min(weight, Fraction(1)) / 2 if zeros else weight / 2,
                     2 if zeros and weight == 1 else 1, "one weighted blow-up")


# Rules.


def sum_of(first: KnownGerm, second: KnownGerm) -> KnownGerm:
    """The generators of both, in separate variables: ``lambda`` adds, ``m = m_1 + m_2 - 1``.

    >>> sum_of(power_sum([1, 1], [2, 3]), monomial_germ([(1, 1)])).generators
    ('x1^2 + x2^3', 'x3*x4')
    """
    other = _moved(second, len(first.variables))
    return KnownGerm(first.generators + other.generators, first.variables + other.variables,
                     first.lambda_ + other.lambda_, first.multiplicity + other.multiplicity - 1,
                     f"sum({first.reason}, {other.reason})")


def product_of(first: KnownGerm, second: KnownGerm) -> KnownGerm:
    """All products of a generator of each, in separate variables: the least ``lambda``; on a tie ``m`` adds.

    >>> square = power_sum([1, 1], [2, 2])
    >>> product_of(square, square).multiplicity, product_of(square, monomial_germ([(3,)])).lambda_
    (2, Fraction(1, 6))
    """
    other = _moved(second, len(first.variables))
    least = min(first.lambda_, other.lambda_)
    return KnownGerm(tuple(f"({f})*({g})" for f, g in product(first.generators, other.generators)),
                     first.variables + other.variables, least,
                     sum(germ.multiplicity for germ in (first, other) if germ.lambda_ == least),
                     f"product({first.reason}, {other.reason})")


def power_of(germ: KnownGerm, exponent: int) -> KnownGerm:
    """The k-th power of each generator: ``lambda / k``, the same ``m``.

    >>> power_of(power_sum([1, -1], [2, 3]), 2).lambda_
    Fraction(5, 24)
    """
    return KnownGerm(tuple(_power(g, exponent) for g in germ.generators), germ.variables, germ.lambda_ / exponent,
                     germ.multiplicity, f"power {exponent} of {germ.reason}")


# Strategies.

COEFFICIENTS = st.sampled_from((1, -1, 2, -2, 3))
SCALARS = st.sampled_from(("1", "-1", "2", "1/2", "-3"))


def monomial_germs(*, dimension: int = 3, degree: int = 4) -> Germs:
    """Ideals of up to four monomials, each exponent at most ``degree``.

    >>> hypothesis.find(monomial_germs(dimension=2), lambda germ: germ.lambda_ == 1).multiplicity
    1
    """
    exponents = st.tuples(*[st.integers(0, degree)] * dimension).filter(any)
    return st.builds(monomial_germ, st.lists(exponents, min_size=1, max_size=4, unique=True))


@st.composite
def arrangements(draw: st.DrawFn, *, dimension: int = 3, forms: int = 4) -> KnownGerm:
    """Germs of up to ``forms`` linear forms in two to ``dimension`` variables, with multiplicities up to 2.

    >>> hypothesis.find(arrangements(), lambda germ: germ.multiplicity == 3).lambda_ in (Fraction(1, 2), Fraction(1, 4))
    True
    """
    size = draw(st.integers(2, dimension))
    vectors = st.tuples(*[st.integers(-2, 2)] * size).filter(any)
    chosen = draw(st.lists(vectors, min_size=1, max_size=forms, unique_by=_direction))
    multiplicities = draw(st.lists(st.integers(1, 2), min_size=len(chosen), max_size=len(chosen)))
    return arrangement(chosen, multiplicities)


@st.composite
def power_sums(draw: st.DrawFn, *, dimension: int = 3, degree: int = 6) -> KnownGerm:
    """Two to ``dimension`` powers, from squares to the power ``degree``.

    >>> len(hypothesis.find(power_sums(), lambda germ: germ.lambda_ > Fraction(1, 2)).variables)
    3
    """
    size = draw(st.integers(2, dimension))
    exponents = draw(st.lists(st.integers(2, degree), min_size=size, max_size=size))
    return power_sum(draw(st.lists(COEFFICIENTS, min_size=size, max_size=size)), exponents)


def sums(first: Germs, second: Germs) -> Germs:
    """Sums in separate variables.

    >>> hypothesis.find(sums(arrangements(), monomial_germs(dimension=1)), lambda germ: germ.lambda_ == 1).multiplicity
    1
    """
    return st.builds(sum_of, first, second)


def products(first: Germs, second: Germs) -> Germs:
    """Products in separate variables.

    >>> lines = monomial_germs(dimension=1)
    >>> hypothesis.find(products(lines, lines), lambda germ: germ.lambda_ == Fraction(1, 2)).multiplicity
    2
    """
    return st.builds(product_of, first, second)


def powers(germs: Germs, *, largest: int = 3) -> Germs:
    """Powers from the second on.

    >>> hypothesis.find(powers(monomial_germs(dimension=1)), lambda germ: germ.lambda_ > Fraction(1, 5)).lambda_
    Fraction(1, 4)
    """
    return st.builds(power_of, germs, st.integers(2, largest))


@st.composite
def in_other_coordinates(draw: st.DrawFn, germs: Germs) -> KnownGerm:
    """``x_i -> c_i y_i + q_i(y_{i+1}, ..., y_n)``, ``c_i != 0``, ``q_i(0) = 0``, y the variables in some order.

    >>> parabola = in_other_coordinates(st.just(monomial_germ([(1, 0)])))
    >>> hypothesis.find(parabola, lambda germ: "^2" in germ.generators[0]).lambda_
    Fraction(1, 2)
    """
    germ = draw(germs)
    order = draw(st.permutations(germ.variables))
    images = {}
    for i, name in enumerate(germ.variables):
        later = draw(_terms(tuple(order[i + 1 :]))) if order[i + 1 :] else []
        images[name] = f"({_polynomial([(draw(SCALARS), order[i]), *later])})"
    return _rewritten(germ, [_substituted(g, images) for g in germ.generators], "in other coordinates")


@st.composite
def with_units(draw: st.DrawFn, germs: Germs) -> KnownGerm:
    """Each generator times its own unit ``c + terms``.

    >>> hypothesis.find(with_units(st.just(monomial_germ([(2, 1)]))), lambda germ: True).generators
    ('(1)*(x1^2*x2)',)
    """
    germ = draw(germs)
    units = [_polynomial([(draw(SCALARS), ""), *draw(_terms(germ.variables))]) for _ in germ.generators]
    return _rewritten(germ, [f"({u})*({g})" for u, g in zip(units, germ.generators, strict=True)], "times units")


@st.composite
def linear_combinations(draw: st.DrawFn, germs: Germs) -> KnownGerm:
    """An invertible triangular matrix of rationals times the generators in some order: the same ideal.

    >>> hypothesis.find(linear_combinations(st.just(monomial_germ([(2, 1)]))), lambda germ: True).generators
    ('(x1^2*x2)',)
    """
    germ = draw(germs)
    order = draw(st.permutations(germ.generators))
    rows = []
    for i, g in enumerate(order):
        others = [(draw(SCALARS), f"({other})") for other in order[i + 1 :] if draw(st.booleans())]
        rows.append(_polynomial([(draw(SCALARS), f"({g})"), *others]))
    return _rewritten(germ, rows, "linear combinations")


def known_germs() -> Germs:
    """All of the above, plain and disguised, small enough for an answer within a second or so.

    >>> hypothesis.find(known_germs(), lambda germ: len(germ.variables) > 3).variables
    ('x1', 'x2', 'x3', 'x4')
    """
    plain = st.one_of(monomial_germs(), arrangements(), power_sums())
    small = st.one_of(monomial_germs(dimension=2, degree=3), arrangements(forms=3), power_sums(dimension=2))
    raised = powers(st.one_of(monomial_germs(dimension=2, degree=3), power_sums(dimension=2)))
    germs = st.one_of(plain, raised, sums(small, small), products(small, small))
    # Two changes of coordinates have degree 4: what they are applied to stays below the limits of the grammar.
    low = st.one_of(monomial_germs(degree=2), arrangements(forms=3), power_sums(degree=4))
    moved = in_other_coordinates(st.one_of(plain, raised, in_other_coordinates(low)))
    return st.one_of(germs, with_units(germs), linear_combinations(germs), moved,
                     linear_combinations(with_units(moved)))


def architectures(*, inputs: int = 4, outputs: int = 4, units: int = 6) -> st.SearchStrategy[dict[str, int]]:
    """Sizes ``d, p, K`` of small quadratic networks, as `check_formula` takes them.

    >>> hypothesis.find(architectures(), lambda sizes: sizes["K"] > sizes["d"])
    {'d': 1, 'p': 1, 'K': 2}
    """
    return st.fixed_dictionaries({"d": st.integers(1, inputs), "p": st.integers(1, outputs),
                                  "K": st.integers(1, units)})


# Text.


def _names(number: int) -> tuple[str, ...]:
    return tuple(f"x{i}" for i in range(1, number + 1))


def _monomial(names: Sequence[str], exponents: Sequence[int]) -> str:
    return "*".join(x if e == 1 else f"{x}^{e}" for x, e in zip(names, exponents, strict=True) if e)


def _polynomial(terms: Sequence[tuple[int | str, str]]) -> str:
    """``(coefficient, monomial)`` terms, the monomial "" for a constant, as text."""
    text = ""
    for coefficient, monomial in terms:
        number = Fraction(coefficient)
        if number:
            size = "*".join([str(abs(number))] * (abs(number) != 1 or not monomial) + [monomial] * bool(monomial))
            sign = "-" if number < 0 else "+"
            text = f"{text} {sign} {size}" if text else size if number > 0 else f"-{size}"
    return text


def _power(text: str, exponent: int) -> str:
    return f"({text})" if exponent == 1 else f"({text})^{exponent}"


def _terms(names: Sequence[str]) -> st.SearchStrategy[list[tuple[str, str]]]:
    """Polynomials of up to two terms of degree one or two."""
    monomials = [*names, *(f"{x}^2" for x in names), *(f"{x}*{y}" for x, y in combinations(names, 2))]
    return st.lists(st.tuples(SCALARS, st.sampled_from(monomials)), max_size=2)


def _substituted(text: str, images: Mapping[str, str]) -> str:
    return re.sub(r"[A-Za-z_][A-Za-z0-9_]*", lambda name: images[name[0]], text)


def _moved(germ: KnownGerm, number: int) -> KnownGerm:
    """A germ in the variables from ``number + 1`` on."""
    names = _names(number + len(germ.variables))[number:]
    images = dict(zip(germ.variables, names, strict=True))
    return KnownGerm(tuple(_substituted(g, images) for g in germ.generators), names, germ.lambda_, germ.multiplicity,
                     germ.reason)


def _rewritten(germ: KnownGerm, generators: Sequence[str], how: str) -> KnownGerm:
    return KnownGerm(tuple(generators), germ.variables, germ.lambda_, germ.multiplicity, f"{germ.reason}, {how}")


def _rank(vectors: Sequence[tuple[int, ...]]) -> int:
    return int(fmpz_mat([list(v) for v in vectors]).rank())


def _direction(vector: tuple[int, ...]) -> tuple[Fraction, ...]:
    """A vector up to a factor: its first nonzero entry becomes 1."""
    first = next(x for x in vector if x)
    return tuple(Fraction(x, first) for x in vector)
