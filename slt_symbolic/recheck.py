"""A second checker of certificates for real log canonical thresholds: this file and the standard library, nothing else.

    python -I -S recheck.py CERTIFICATE...

**What is proved.** A certificate states a germ (polynomials over Q that vanish at a rational point) and two pairs
`(lambda, m)`; if this program accepts it, then the pair of `g_1^2 + ... + g_r^2` at the point (or that of `|f|`, for a
function) lies between the two in the order by `(lambda, -m)`: `-lambda` is the largest pole of the zeta function
`∫ K^z dx` over a small neighbourhood of the point, `m` is its order. The statement that is printed is made from
the polynomials as they were read, so that it says what was proved, not what the file claims.

**How.** The certificate is a tree. Every node has a *stratum*: generators, variables near 0 (the others are free),
orders k and Jacobian orders h of the near ones, polynomials that vanish nowhere on it (units), perhaps one algebraic
constant. Its germs are `x^{2k} sum g_i^2` with the measure `|x|^h dx`, one at each point, and `v` is the least of their
pairs. A node names a step, that is a theorem: it derives from the stratum the strata of the children, and from brackets
`lower <= v <= upper` of the children a bracket of the node. Everything is derived here: strata and brackets that the
file states are only compared with the derived ones. Nothing is searched for; witnesses (weights, cofactors, factors, sample
points) are data, and are multiplied out. All arithmetic is exact.

**How to read this file.** Arithmetic (the class `Ring`); real roots, ranks, determinants, primes; proofs inside data
(the class `Proofs`: no zero, no common zero, independent, an optimal linear programme); strata and their canonical form;
Newton polyhedra, cones and torus charts; then one function a step (the class `Steps`), whose docstring is its theorem;
then the tree. Soundness rests on each docstring being true and each function refusing when a hypothesis fails.

Exit codes: 0 all accepted, 1 one refused, 2 bad input (unreadable or not JSON), 3 over budget; of several 1, 2, 3 in this
order. A polynomial is a dictionary from exponents to coefficients, `f ~ g` means equal up to a nonzero rational factor.
"""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations, product
from math import gcd, lcm
from typing import Any, NoReturn

Number = int | Fraction
Exponent = tuple[int, ...]
Poly = dict[Exponent, Number]
Key = frozenset[tuple[Exponent, Number]]
Pair = tuple[Fraction, int] | None  # None: infinite
Bracket = tuple[Pair, Pair]

FORMAT = "slt-symbolic certificate 2"
BUDGET = 10**8  # a tenth of the reference budget: this language is slow
MAX_BYTES, MAX_VARIABLES, MAX_DEPTH = 2**26, 400, 400
MAX_TEXT, MAX_DIGITS, MAX_EXPONENT, MAX_DEGREE = 2_000_000, 1000, 500, 1000
MAX_TERMS, MAX_NESTING, MAX_SIZE = 20_000, 100, 10**6
PRIME_LIMIT = 3317044064679887385961981
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
RATIONAL = re.compile(r"[+-]?[0-9]+(/[0-9]+)?", re.ASCII)
TOKEN = re.compile(r"[ \t]*(?:([A-Za-z_][A-Za-z0-9_]*)|([0-9]+(?:\.[0-9]+)?)|(\*\*|[-+*/^()]))", re.ASCII)


# ------------------------------------------------------------------------------------------------ errors, shapes, work


class Refused(Exception):
    """A hypothesis fails, or the certificate has not the shape that it must have."""

    placed = False


class OverBudget(Exception):
    """Neither accepted nor refused: too large for this program."""


class BadInput(Exception):
    """Not a readable regular file with JSON in it."""


def refuse(message: str) -> NoReturn:
    raise Refused(message)


def shown(value: object, length: int = 60) -> str:
    """A short printable form of something that a file holds."""
    text = ascii(value) if not isinstance(value, str) else ascii(value)[1:-1]
    return text if len(text) <= length else text[: length - 3] + "..."


def as_list(value: object, what: str, length: int | None = None) -> list[Any]:
    if type(value) is not list:
        refuse(f"{what} is not a list")
    if length is not None and len(value) != length:
        refuse(f"{what} has {len(value)} members, not {length}")
    return value


def as_table(value: object, what: str, keys: str | None = None) -> dict[str, Any]:
    """An object; with `keys` (separated by blanks), one with exactly these keys."""
    if type(value) is not dict:
        refuse(f"{what} is not an object")
    if keys is not None and set(value) != set(keys.split()):
        refuse(f"{what} has the keys {shown(sorted(map(str, value)))}, not exactly {keys}")
    return value


def as_int(value: object, what: str, least: int = 0) -> int:
    if type(value) is not int:
        refuse(f"{what} is not an integer: {shown(value)}")
    if abs(value).bit_length() > 3400:
        raise OverBudget(f"{what} is an integer of more than {MAX_DIGITS} digits")
    if value < least:
        refuse(f"{what} is {shown(value)}, less than {least}")
    return value


def as_text(value: object, what: str) -> str:
    if type(value) is not str:
        refuse(f"{what} is not a text: {shown(value)}")
    return value


def as_rational(value: object, what: str) -> Fraction:
    text = as_text(value, what)
    if len(text) > 2 * MAX_DIGITS + 2:
        raise OverBudget(f"{what} has more than {MAX_DIGITS} digits")
    if not RATIONAL.fullmatch(text):
        refuse(f"{what} is not a rational number: {shown(text)}")
    above, _, below = text.partition("/")
    if len(above.lstrip("+-")) > MAX_DIGITS or len(below) > MAX_DIGITS:
        raise OverBudget(f"{what} has more than {MAX_DIGITS} digits")
    if below and not int(below):
        refuse(f"{what} has the denominator 0")
    return Fraction(int(above), int(below or "1"))


def as_exponent(value: object, length: int, what: str) -> Exponent:
    return tuple(as_int(v, what) for v in as_list(value, what, length))


class Meter:
    """The budget of work; every cost is counted before the work is done."""

    def __init__(self, budget: int = BUDGET) -> None:
        self.left = budget

    def count(self, cost: int) -> None:
        self.left -= cost
        if self.left < 0:
            raise OverBudget(f"more work than {BUDGET}")


def words(f: Poly) -> int:
    """The length in words of 64 bits of the longest coefficient."""
    longest = 0
    for v in f.values():
        bits = v.bit_length() if type(v) is int else v.numerator.bit_length() + v.denominator.bit_length()
        if bits > longest:
            longest = bits
    return longest // 64 + 1


# ------------------------------------------------------------------------------------------------------------- pairs


def order_of(pair: Pair) -> tuple[int, Fraction, int]:
    return (1, Fraction(0), 0) if pair is None else (0, pair[0], -pair[1])


def least(pairs: Iterable[Pair]) -> Pair:
    return min(pairs, key=order_of, default=None)


def sum_of(pairs: Sequence[Pair]) -> Pair:
    """Losses in separate variables, added: the zeta functions of `exp(-nK)` multiply, lambda adds, m - 1 adds."""
    finite = [p for p in pairs if p is not None]
    if len(finite) < len(pairs):
        return None
    return sum((p[0] for p in finite), Fraction(0)), 1 + sum(p[1] - 1 for p in finite)


def product_of(pairs: Iterable[Pair]) -> Pair:
    """Losses in separate variables, multiplied: the zeta functions multiply, the largest pole wins, orders add."""
    finite = [p for p in pairs if p is not None]
    if not finite:
        return None
    low = min(p[0] for p in finite)
    return low, sum(p[1] for p in finite if p[0] == low)


def scaled(pair: Pair, factor: Fraction) -> Pair:
    return None if pair is None else (pair[0] * factor, pair[1])


def best_of(brackets: Sequence[Bracket]) -> Bracket:
    """The bracket of a stratum that is the union of strata: the least lower and the least upper end."""
    return least(b[0] for b in brackets), least(b[1] for b in brackets)


def same(brackets: Sequence[Bracket]) -> Bracket:
    return brackets[0]


# ----------------------------------------------------------------------------------------------- polynomial arithmetic


def tidy(f: Poly) -> Poly:
    """The same polynomial, integers where the coefficients are integers."""
    if all(type(v) is int for v in f.values()):
        return f
    return {e: v.numerator if v.denominator == 1 else v for e, v in f.items()}


def primitive(f: Poly) -> tuple[Poly, Number]:
    """`(p, r)` with `f = r p`: p has coprime integer coefficients, the first one (largest exponent) positive."""
    if not f:
        return f, 1
    if all(type(v) is int for v in f.values()):
        common = gcd(*(v.numerator for v in f.values()))
        unit = common if f[max(f)] > 0 else -common
        return (f, 1) if unit == 1 else ({e: v.numerator // unit for e, v in f.items()}, unit)
    below = lcm(*(v.denominator for v in f.values()))
    integral: Poly = {e: v.numerator * (below // v.denominator) for e, v in f.items()}
    p, r = primitive(integral)
    return p, Fraction(r) / below


def key(f: Poly) -> Key:
    """Equal for f and g if and only if `f ~ g`."""
    return frozenset(primitive(f)[0].items())


def support(f: Poly) -> frozenset[int]:
    """The numbers of the variables that occur."""
    found: set[int] = set()
    for e in f:
        found.update(j for j, a in enumerate(e) if a)
    return frozenset(found)


def degree(f: Poly, j: int) -> int:
    return max((e[j] for e in f), default=0)


def is_number(f: Poly) -> bool:
    return len(f) <= 1 and not any(any(e) for e in f)


def scale(f: Poly, r: Number) -> Poly:
    return {e: v * r for e, v in f.items()} if r else {}


def quasi_homogeneous(f: Poly, weights: dict[int, int]) -> bool:
    items = list(weights.items())
    return len({sum(w * e[j] for j, w in items) for e in f}) <= 1


def initial_form(f: Poly, weights: dict[int, int]) -> Poly:
    """The terms of least weight."""
    items = list(weights.items())
    weight = {e: sum(w * e[j] for j, w in items) for e in f}
    low = min(weight.values(), default=0)
    return {e: v for e, v in f.items() if weight[e] == low}


def evaluate(f: Poly, point: Sequence[Fraction]) -> Fraction:
    total = Fraction(0)
    for e, v in f.items():
        term = Fraction(v)
        for x, a in zip(point, e, strict=True):
            if a:
                term *= x**a
        total += term
    return total
