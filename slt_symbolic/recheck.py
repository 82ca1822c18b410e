"""A second checker of certificates for real log canonical thresholds: this file and the standard library, nothing else.

    python -I -S recheck.py CERTIFICATE...

**What is proved.** A certificate states a germ (polynomials over Q that vanish at a point) and two pairs `(lambda,
m)`; if this program accepts it, then the pair of `g_1^2 + ... + g_r^2` at the point (or that of `|f|`, for a
function) lies between the two in the order by `(lambda, -m)`: `-lambda` is the largest pole of the zeta function `∫
K^z dx` over a small neighbourhood of the point, `m` is its order. The statement that is printed is made from the
polynomials as they were read, so that it says what was proved, not what the file claims.

**How.** The certificate is a tree. Every node has a *stratum*: generators, variables near 0 (the others are free),
orders k and Jacobian orders h of the near ones, polynomials that vanish nowhere on it (units), perhaps one algebraic
constant. Its germs are `x^{2k} sum g_i^2` with the measure `|x|^h dx`, one at each point, and `v` is the least of
their pairs. A node names a step, that is a theorem: it derives from the stratum the strata of the children, and from
brackets `lower <= v <= upper` of the children a bracket of the node. Everything is derived here: strata and brackets
that the file states are only compared with the derived ones. Nothing is searched for; witnesses (weights, cofactors,
factors, sample points) are data, and are multiplied out. All arithmetic is exact.

**How to read this file.** Arithmetic (the class `Ring`); real roots, ranks, determinants, primes; proofs inside data
(the class `Proofs`: no zero, no common zero, independent, an optimal linear programme); strata and their canonical
form; Newton polyhedra, cones and torus charts; then one function a step (the class `Steps`), whose docstring is its
theorem; then the tree. Soundness rests on each docstring being true and each function refusing when a hypothesis
fails. A step whose hypotheses are many stays one long function, so that it reads beside its paragraph of the format.

Exit codes: 0 all accepted, 1 one refused, 2 bad input (unreadable or not JSON), 3 over budget; of several 1, 2, 3 in
this order. A polynomial is a dictionary from exponents to coefficients, `f ~ g` means equal up to a nonzero rational
factor.
"""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import heappop, heappush
from itertools import combinations, pairwise, product
from math import gcd, lcm
from operator import le
from typing import Any, NoReturn

Number = int | Fraction
Exponent = tuple[int, ...]
Poly = dict[Exponent, Number]
Key = frozenset[tuple[Exponent, Number]]
Pair = tuple[Fraction, int] | None  # None: infinite
Bracket = tuple[Pair, Pair]

FORMAT = "slt-symbolic certificate 2"
BUDGET = 10**8  # a tenth of the reference budget: this language is slow
MAX_BYTES, MAX_VARIABLES, MAX_NAME, MAX_DEPTH = 2**26, 400, 100, 400
MAX_TEXT, MAX_DIGITS, MAX_EXPONENT, MAX_DEGREE = 2_000_000, 1000, 500, 1000
MAX_TERMS, MAX_NESTING, MAX_SIZE = 20_000, 100, 2 * 10**7
PRIME_LIMIT = 3317044064679887385961981
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
RATIONAL = re.compile(r"[+-]?[0-9]+(/[0-9]+)?", re.ASCII)
TOKEN = re.compile(r"[ \t\r\n]*(?:([A-Za-z_][A-Za-z0-9_]*)|([0-9]+(?:\.[0-9]*)?|\.[0-9]+)|(\*\*|[-+*/^()]))", re.ASCII)


# ------------------------------------------------------------------------------------------------- errors, shapes, work


class Refused(Exception):
    """A hypothesis fails, or the certificate has not the shape that it must have."""

    placed = False


class OverBudget(Exception):
    """Neither accepted nor refused: too large for this program."""


class BadInput(Exception):
    """What is given is not a readable regular file with JSON in it."""


def refuse(message: str) -> NoReturn:
    """Raise `Refused`."""
    raise Refused(message)


def shown(value: object, length: int = 60) -> str:
    """A short printable form of something that a file holds."""
    try:
        text = ascii(value) if not isinstance(value, str) else ascii(value)[1:-1]
    except (ValueError, RecursionError):  # an integer of thousands of digits, or lists in lists
        text = f"a long {type(value).__name__}"
    return text if len(text) <= length else text[: length - 3] + "..."


def as_list(value: object, what: str, length: int | None = None) -> list[Any]:
    """The value, which must be a list, of ``length`` members if a length is given."""
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
    """The value, which must be an integer from ``least`` on, of at most `MAX_DIGITS` digits; 1.0 is none."""
    if type(value) is not int:
        refuse(f"{what} is not an integer: {shown(value)}")
    if abs(value).bit_length() > 3400:
        raise OverBudget(f"{what} is an integer of more than {MAX_DIGITS} digits")
    if value < least:
        refuse(f"{what} is {shown(value)}, less than {least}")
    return value


def as_text(value: object, what: str) -> str:
    """The value, which must be a text."""
    if type(value) is not str:
        refuse(f"{what} is not a text: {shown(value)}")
    return value


def as_rational(value: object, what: str) -> Fraction:
    """The rational number that a text ``a`` or ``a/b`` spells."""
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
    return Fraction(text)


def as_exponent(value: object, length: int, what: str) -> Exponent:
    """The exponent of a monomial in ``length`` variables: a list of integers that are not negative."""
    return tuple(as_int(v, what) for v in as_list(value, what, length))


class Meter:
    """The budget of work; every cost is counted before the work is done."""

    def __init__(self, budget: int = BUDGET) -> None:
        """Allow ``budget`` units of work."""
        self.left = budget

    def count(self, cost: int) -> None:
        """Take the cost off what is left; raises `OverBudget` below zero."""
        self.left -= cost
        if self.left < 0:
            raise OverBudget(f"more work than {BUDGET}")

    def fractions(self, *values: Fraction) -> None:
        """Count the work of adding or multiplying these, before it is done."""
        bits = sum(v.numerator.bit_length() + v.denominator.bit_length() for v in values)
        self.count((bits // 64 + 1) ** 2)


def words(f: Poly) -> int:
    """The length in words of 64 bits of the longest coefficient."""
    longest = 0
    for v in f.values():
        bits = v.bit_length() if type(v) is int else v.numerator.bit_length() + v.denominator.bit_length()
        if bits > longest:
            longest = bits
    return longest // 64 + 1


# ---------------------------------------------------------------------------------------------------------------- pairs


def order_of(pair: Pair) -> tuple[int, Fraction, int]:
    """A key that sorts pairs: by lambda, then the larger m first, infinity last."""
    return (1, Fraction(0), 0) if pair is None else (0, pair[0], -pair[1])


def least(pairs: Iterable[Pair]) -> Pair:
    """The least of the pairs; infinite if there are none."""
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
    """The pair with lambda times a factor, m the same."""
    return None if pair is None else (pair[0] * factor, pair[1])


def best_of(brackets: Sequence[Bracket]) -> Bracket:
    """The bracket of a stratum that is the union of strata: the least lower and the least upper end."""
    return least(b[0] for b in brackets), least(b[1] for b in brackets)


def same(brackets: Sequence[Bracket]) -> Bracket:
    """The bracket of the only child, for steps that keep v."""
    return brackets[0]


# ------------------------------------------------------------------------------------------------ polynomial arithmetic


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
    """The degree in x_j; 0 for the polynomial 0."""
    return max((e[j] for e in f), default=0)


def is_number(f: Poly) -> bool:
    """Whether the polynomial is constant."""
    return len(f) <= 1 and not any(any(e) for e in f)


def scale(f: Poly, r: Number) -> Poly:
    """The polynomial times a number."""
    return {e: v * r for e, v in f.items()} if r else {}


def quasi_homogeneous(f: Poly, weights: dict[int, int]) -> bool:
    """Whether all terms have the same weight; variables that are not named have weight 0."""
    items = list(weights.items())
    return len({sum(w * e[j] for j, w in items) for e in f}) <= 1


def initial_form(f: Poly, weights: dict[int, int]) -> Poly:
    """The terms of least weight."""
    items = list(weights.items())
    weight = {e: sum(w * e[j] for j, w in items) for e in f}
    low = min(weight.values(), default=0)
    return {e: v for e, v in f.items() if weight[e] == low}


class Ring:
    """Q[x_1, ..., x_n], with a meter, and the texts that were read."""

    def __init__(self, names: Sequence[str], meter: Meter) -> None:
        """The ring in these variables, whose work ``meter`` counts."""
        self.names = list(names)
        self.n = len(names)
        self.weight = 1 + self.n // 16  # a term costs more if its exponent is long
        self.index = {name: j for j, name in enumerate(names)}
        self.meter = meter
        self.origin: Exponent = (0,) * self.n
        self.texts: dict[str, tuple[Poly, Key]] = {}

    def count(self, terms: int) -> None:
        """Count terms that are about to be computed."""
        self.meter.count(terms * self.weight)

    def number(self, r: Number) -> Poly:
        """A number as a polynomial."""
        return {self.origin: r} if r else {}

    def monomial(self, powers: dict[int, int]) -> Poly:
        """The product of the x_j to these powers."""
        return {tuple(powers.get(j, 0) for j in range(self.n)): 1}

    def variable(self, j: int) -> Poly:
        """The polynomial x_j."""
        return self.monomial({j: 1})

    def number_of(self, name: object, what: str) -> int:
        """The number of the variable with this name."""
        j = self.index.get(as_text(name, what))
        if j is None:
            refuse(f"{what}: no variable {shown(name)}")
        return j

    def add(self, f: Poly, g: Poly, r: Number = 1) -> Poly:
        """f + r g."""
        self.count(len(f) + len(g))
        h = dict(f)
        for e, v in g.items():
            total = h.get(e, 0) + v * r
            if total:
                h[e] = total
            else:
                h.pop(e, None)
        return h

    def mul(self, f: Poly, g: Poly) -> Poly:
        """The product of two polynomials."""
        if not f or not g:
            return {}
        self.count(len(f) * len(g) * words(f) * words(g))
        if len(f) > len(g):
            f, g = g, f
        h: Poly = {}
        for e, v in f.items():
            plain = not any(e)
            for d, w in g.items():
                s = d if plain else tuple([a + b for a, b in zip(e, d, strict=True)])
                if s in h:
                    h[s] += v * w
                else:
                    h[s] = v * w
            if len(h) * self.n > MAX_SIZE:
                raise OverBudget(f"a polynomial of more than {MAX_SIZE // self.n} terms")
        return {e: v for e, v in h.items() if v} if len(f) > 1 else h

    def power(self, f: Poly, exponent: int) -> Poly:
        """The polynomial to a power that is not negative."""
        if len(f) == 1:
            (e, v), *_ = f.items()
            self.meter.count(1 + (words(f) * exponent) ** 2 // 16)
            return {tuple(a * exponent for a in e): v**exponent}
        h = self.number(1)
        for _ in range(exponent):
            h = self.mul(h, f)
        return h

    def product(self, factors: Iterable[Poly]) -> Poly:
        """The product of all factors; 1 if there are none."""
        h = self.number(1)
        for f in factors:
            h = self.mul(h, f)
        return h

    def by_powers(self, f: Poly, j: int) -> dict[int, Poly]:
        """The coefficients of the powers of x_j."""
        self.count(len(f))
        parts: dict[int, Poly] = {}
        for e, v in f.items():
            parts.setdefault(e[j], {})[(*e[:j], 0, *e[j + 1 :])] = v
        return parts

    def substitute(self, f: Poly, j: int, above: Poly, below: Poly | None = None) -> Poly:
        """`below^d f(x_j = above / below)`, d the degree of f in x_j (below = 1 if it is not given)."""
        parts = self.by_powers(f, j)
        d = max(parts, default=0)
        if not d:
            return f
        total, factor = parts[d], self.number(1)
        for k in range(d - 1, -1, -1):
            if below is not None:
                factor = self.mul(factor, below)
            total = self.mul(total, above)
            if k in parts:
                total = self.add(total, parts[k] if below is None else self.mul(parts[k], factor))
        return total

    def evaluate(self, f: Poly, point: Sequence[Fraction]) -> Fraction:
        """The value at a rational point, one number for each variable."""
        total = Fraction(0)
        size = max((abs(x.numerator).bit_length() + x.denominator.bit_length() for x in point), default=0)
        long = words(f)
        for e, v in f.items():
            self.count(1 + ((long + sum(e) * size // 64) ** 2) // 4)
            term = Fraction(v)
            for x, a in zip(point, e, strict=True):
                if a:
                    term *= x**a
            total += term
        return total

    def derivative(self, f: Poly, j: int) -> Poly:
        """The derivative by x_j."""
        self.count(len(f))
        return {(*e[:j], e[j] - 1, *e[j + 1 :]): v * e[j] for e, v in f.items() if e[j]}

    def setting_zero(self, f: Poly, zero: Iterable[int]) -> Poly:
        """The polynomial with these variables set to 0."""
        self.count(len(f))
        names = list(zero)
        return {e: v for e, v in f.items() if not any(e[j] for j in names)}

    def divide(self, f: Poly, d: Poly) -> Poly | None:
        """f / d if d divides f, else None: by the smallest terms, the exponents of the quotient being bounded."""
        if not f:
            return {}
        bound = [degree(f, j) - degree(d, j) for j in range(self.n)]
        self.count(len(f))
        if min(bound, default=0) < 0:
            return None
        divisor, r = primitive(d)
        rest, content = primitive(f)
        rest = dict(rest)
        low = min(divisor)
        first = divisor[low]
        others = [(e, v) for e, v in divisor.items() if e != low]
        cost = len(divisor) * words(divisor) * words(rest)
        quotient: Poly = {}
        pending = sorted(rest)
        while rest:
            e = heappop(pending)
            v = rest.pop(e, 0)
            if not v:
                continue
            self.count(cost)
            q = tuple([a - b for a, b in zip(e, low, strict=True)])
            if any(a < 0 or a > b for a, b in zip(q, bound, strict=True)):
                return None
            if type(v) is not int or type(first) is not int or v % first:
                return None  # Gauss: the quotient of an integral polynomial by a primitive one is integral
            c = v // first
            quotient[q] = c
            for d_e, d_v in others:
                s = tuple([a + b for a, b in zip(q, d_e, strict=True)])
                if s in rest:
                    total = rest[s] - c * d_v
                    if total:
                        rest[s] = total
                    else:
                        del rest[s]
                else:
                    rest[s] = -c * d_v
                    heappush(pending, s)
        factor = Fraction(content) / Fraction(r)
        return tidy(quotient if factor == 1 else scale(quotient, factor))

    def reduce(self, f: Poly, q: Poly | None) -> Poly:
        """The remainder of f modulo q, a polynomial in one variable."""
        if q is None:
            return f
        (c,) = support(q)
        d = degree(q, c)
        lead = next(v for e, v in q.items() if e[c] == d)
        tail = [(e[c], Fraction(-v) / lead) for e, v in q.items() if e[c] != d]
        self.count(len(f))
        while (top := degree(f, c)) >= d:
            h: Poly = {}
            self.count(len(f) * len(q) * words(f) * words(q))
            for e, v in f.items():
                if e[c] < top:
                    h[e] = h.get(e, 0) + v
                    continue
                for k, w in tail:
                    s = (*e[:c], top - d + k, *e[c + 1 :])
                    h[s] = h.get(s, 0) + v * w
            f = {e: v for e, v in h.items() if v}
        return tidy(f)

    def show(self, f: Poly, length: int = 60) -> str:
        """The polynomial as a text, cut at the length."""
        text = ""
        for e in sorted(f, reverse=True):
            v = f[e]
            powers = [self.names[j] + (f"^{a}" if a > 1 else "") for j, a in enumerate(e) if a]
            size: Number = -v if v < 0 else v
            long = size.numerator.bit_length() + size.denominator.bit_length() > 10_000
            coefficient = "(a number of more than 1000 digits)" if long else str(size)
            term = "*".join(powers if size == 1 and powers else [coefficient, *powers])
            text += (" - " if v < 0 else " + ") if text else ("-" if v < 0 else "")
            text += term
            if len(text) > length:
                return text[: length - 3] + "..."
        return text or "0"

    # ------------------------------------------------------------------------------------------------------ the grammar

    def read(self, value: object, what: str) -> Poly:
        """The polynomial that a text means."""
        return self.read_with_key(value, what)[0]

    def read_with_key(self, value: object, what: str) -> tuple[Poly, Key]:
        """The polynomial that a text spells, with its key; a text is read once."""
        text = as_text(value, what)
        found = self.texts.get(text)
        if found is None:
            f = tidy(Parser(self, text, what).parse())
            found = self.texts[text] = (f, key(f))
        return found


class Parser:
    """Recursive descent over the grammar of the texts; an exponent belongs to the shortest power that it can end."""

    def __init__(self, ring: Ring, text: str, what: str) -> None:
        """Split the text into tokens; ``what`` names it in refusals."""
        if len(text) > MAX_TEXT:
            raise OverBudget(f"{what}: a text of more than {MAX_TEXT} characters")
        ring.meter.count(len(text))
        self.ring, self.what, self.position, self.depth = ring, what, 0, 0
        self.tokens: list[tuple[str, str, str]] = []
        at, text = 0, text.rstrip(" \t\r\n")
        while at < len(text):
            match = TOKEN.match(text, at)
            if match is None:
                refuse(f"{what}: cannot be read as a polynomial: {shown(text[at:])}")
            self.tokens.append((match[1] or "", match[2] or "", match[3] or ""))
            at = match.end()
        self.tokens.append(("", "", ""))

    def fail(self) -> NoReturn:
        """Refuse the text, from the present token on."""
        rest = "".join("".join(t) for t in self.tokens[self.position : self.position + 12])
        refuse(f"{self.what}: cannot be read as a polynomial at {shown(rest) or 'its end'}")

    def accept(self, *signs: str) -> str:
        """The next token if it is one of the signs, which is then behind us; else an empty text."""
        sign = self.tokens[self.position][2]
        if sign in signs:
            self.position += 1
            return sign
        return ""

    def parse(self) -> Poly:
        """The whole text as a polynomial."""
        f = self.expression()
        if self.position != len(self.tokens) - 1:
            self.fail()
        return f

    def expression(self) -> Poly:
        """Terms, added and subtracted, with an optional sign before the first."""
        total: Poly = {}
        sign = self.accept("-", "+") or "+"
        while sign:
            for e, v in self.term().items():
                total[e] = total.get(e, 0) + (v if sign == "+" else -v)
            sign = self.accept("-", "+")
        return {e: v for e, v in total.items() if v}

    def term(self) -> Poly:
        """A product: numbers and powers of variables are collected, the other factors are multiplied."""
        coefficient: Number = 1
        powers = [0] * self.ring.n
        self.ring.meter.count(self.ring.n)
        rest: Poly | None = None
        sign = "*"
        while sign:
            name, digits, _ = self.tokens[self.position]
            if name:
                j = self.ring.index.get(name)
                if j is None:
                    refuse(f"{self.what}: no variable {shown(name)}")
                self.position += 1
                exponent = self.exponent()
                if sign == "/" and exponent:
                    refuse(f"{self.what}: division by {name}")
                powers[j] += exponent
                if sum(powers) > MAX_DEGREE:
                    raise OverBudget(f"{self.what}: a degree above {MAX_DEGREE}")
            else:
                f = self.power() if not digits else self.ring.number(self.numeral(digits))
                if digits:
                    f = self.raised(f)
                if sign == "/" or is_number(f):
                    v = f.get(self.ring.origin, 0)
                    if sign == "/" and (not v or not is_number(f)):
                        refuse(f"{self.what}: division by {shown(self.ring.show(f))}")
                    self.ring.meter.count((words({self.ring.origin: coefficient}) + words(f)) ** 2)
                    coefficient = Fraction(coefficient) / v if sign == "/" else coefficient * v
                else:
                    rest = f if rest is None else self.checked(self.ring.mul(rest, f))
            sign = self.accept("*", "/")
        if not coefficient:
            return {}
        monomial: Poly = {tuple(powers): coefficient}
        return monomial if rest is None else self.checked(self.ring.mul(rest, monomial))

    def power(self) -> Poly:
        """An atom with its exponent, if it has one."""
        return self.raised(self.atom())

    def raised(self, f: Poly) -> Poly:
        """The polynomial to the exponent that follows in the text."""
        exponent = self.exponent()
        if exponent == 1:
            return f
        if exponent and len(f) > 1 and max(map(sum, f)) * exponent > MAX_DEGREE:
            raise OverBudget(f"{self.what}: a degree above {MAX_DEGREE}")
        h = self.ring.number(1)
        if len(f) <= 1:
            return self.checked(self.ring.power(f, exponent) if f or not exponent else {})
        for _ in range(exponent):
            h = self.checked(self.ring.mul(h, f))
        return h

    def exponent(self) -> int:
        """The exponent that follows in the text, 1 if there is none."""
        if not self.accept("^", "**"):
            return 1
        digits = self.tokens[self.position][1]
        if not digits or "." in digits:
            self.fail()
        self.position += 1
        if len(digits) > MAX_DIGITS or int(digits) > MAX_EXPONENT:
            raise OverBudget(f"{self.what}: an exponent above {MAX_EXPONENT}")
        return int(digits)

    def numeral(self, digits: str) -> Number:
        """The rational number that digits spell, with a decimal point or without."""
        self.position += 1
        if len(digits) > MAX_DIGITS:
            raise OverBudget(f"{self.what}: a number of more than {MAX_DIGITS} digits")
        whole, _, after = digits.partition(".")
        return Fraction(int(whole + after), 10 ** len(after)) if after else int(whole)

    def atom(self) -> Poly:
        """A number, a variable, an expression in brackets, or a power after a sign."""
        name, digits, _ = self.tokens[self.position]
        if digits:
            return self.ring.number(self.numeral(digits))
        if name:
            j = self.ring.number_of(name, self.what)
            self.position += 1
            return self.ring.variable(j)
        sign = self.accept("(", "-", "+")
        if not sign:
            self.fail()
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise OverBudget(f"{self.what}: nested more than {MAX_NESTING} deep")
        if sign == "(":
            f = self.expression()
            if not self.accept(")"):
                self.fail()
        else:
            f = self.power()
            f = scale(f, -1) if sign == "-" else f
        self.depth -= 1
        return f

    def checked(self, f: Poly) -> Poly:
        """Within the limits of a product or a power of the grammar."""
        if len(f) > MAX_TERMS:
            raise OverBudget(f"{self.what}: a product of more than {MAX_TERMS} terms")
        if f and max(map(sum, f)) > MAX_DEGREE:
            raise OverBudget(f"{self.what}: a degree above {MAX_DEGREE}")
        return f


# ----------------------------------------------------------------- real roots, ranks, determinants, primes, irreducible


class Roots:
    """The distinct real roots of a polynomial in one variable that is not 0, counted by Sturm's theorem.

    The chain is f, f', and then the negative remainders, up to positive factors; at a point that is no root of f let V
    be the number of changes of sign in the chain. Between two such points, V falls by the number of distinct roots. If
    f' g takes the place of f', V falls by the sum of the signs of g at these roots (Tarski).
    """

    def __init__(self, f: Poly, j: int, meter: Meter, g: Poly | None = None) -> None:
        """Make the chain of f, a polynomial in x_j alone, and of g, another one, not 0."""
        values, self.meter = self.coefficients(f, j), meter
        self.chain = [values]
        after = [k * v for k, v in enumerate(values)][1:]
        if g is not None:
            other, slope = self.coefficients(g, j), after
            meter.count(len(other) * len(slope) * words(f) * words(g))
            sign = 1 if g[max(g)] > 0 else -1  # what `primitive` turned round
            after = [sign * sum(slope[i] * other[k - i] for i in range(len(slope)) if 0 <= k - i < len(other))
                     for k in range(len(slope) + len(other) - 1)]
        while after:
            self.chain.append(after)
            before = self.chain[-2]
            rest = list(before)
            lead, d = after[-1], len(after) - 1
            while len(rest) > d:
                long = max(v.bit_length() for v in rest) // 64 + 1
                meter.count(len(rest) * long * (lead.bit_length() // 64 + 1))
                top, shift = rest[-1], len(rest) - 1 - d
                rest = [abs(lead) * v for v in rest]
                for k, v in enumerate(after):
                    rest[k + shift] -= (top if lead > 0 else -top) * v
                while rest and not rest[-1]:
                    rest.pop()
            common = gcd(*rest) if rest else 1
            after = [-v // common for v in rest]

    def coefficients(self, f: Poly, j: int) -> list[int]:
        """Those of the primitive polynomial that is a multiple of f, constant first."""
        p, _ = primitive(f)
        values = [0] * (degree(p, j) + 1)
        for e, v in p.items():
            values[e[j]] = v.numerator
        return values

    def changes(self, signs: Iterable[int]) -> int:
        """The number of changes of sign, zeros left out."""
        kept = [s for s in signs if s]
        return sum(a != b for a, b in pairwise(kept))

    def value_sign(self, values: list[int], at: Fraction) -> int:
        """The sign at a rational number of the polynomial with these coefficients, constant first."""
        size = at.numerator.bit_length() + at.denominator.bit_length()
        self.meter.count(len(values) * (1 + len(values) * size // 64) ** 2)
        total, factor = 0, 1
        for v in reversed(values):
            total = total * at.numerator + v * factor
            factor *= at.denominator
        return (total > 0) - (total < 0)

    def at(self, point: Fraction | None, below: bool = False) -> int:
        """V at the point, or, without one, far below or far above all roots."""
        if point is not None:
            return self.changes(self.value_sign(values, point) for values in self.chain)
        return self.changes(
            (1 if v[-1] > 0 else -1) * (-1 if below and len(v) % 2 == 0 else 1) for v in self.chain
        )

    def count(self, low: Fraction | None = None, high: Fraction | None = None) -> int:
        """The number of distinct real roots between two points that are no roots; None: no bound."""
        return self.at(low, below=True) - self.at(high)


def rank(rows: Iterable[Sequence[Number]], meter: Meter) -> int:
    """The rank over Q."""
    kept: list[tuple[int, list[int]]] = []
    for given in rows:
        below = lcm(*(v.denominator for v in given)) if given else 1
        row = [v.numerator * (below // v.denominator) for v in given]
        for j, other in kept:
            if row[j]:
                size = max(v.bit_length() for v in row) // 64 + 1
                meter.count(len(row) * size * size)
                common = gcd(row[j], other[j])
                a, b = other[j] // common, row[j] // common
                row = [a * v - b * w for v, w in zip(row, other, strict=True)]
        meter.count(len(row))
        first = next((j for j, v in enumerate(row) if v), None)
        if first is not None:
            common = gcd(*row)
            kept.append((first, [v // common for v in row]))
    return len(kept)


class Span:
    """A space of polynomials over Q, as an echelon basis (by largest exponents)."""

    def __init__(self, members: Iterable[Poly], meter: Meter) -> None:
        """Make the echelon basis of the space that the members span."""
        self.meter = meter
        self.basis: dict[Exponent, Poly] = {}
        for f in members:
            rest = self.rest(f)
            if rest:
                self.basis[max(rest)] = rest

    def rest(self, f: Poly) -> Poly:
        """What is left of f (up to a factor) without the largest exponents of the basis; 0 if f is in the space."""
        f, done = primitive(f)[0], False
        while not done:
            done = True
            for e in sorted(f, reverse=True):
                other = self.basis.get(e)
                if other is not None:
                    self.meter.count((len(f) + len(other)) * words(f) * words(other))
                    a, b = other[e], f[e]
                    h = {d: v * a for d, v in f.items()}
                    for d, v in other.items():
                        h[d] = h.get(d, 0) - b * v
                    f, done = primitive({d: v for d, v in h.items() if v})[0], False
                    break
        return f


def same_span(first: Sequence[Poly], second: Sequence[Poly], meter: Meter) -> bool:
    """Whether two lists of polynomials span the same space over Q."""
    if {key(f) for f in first if f} == {key(f) for f in second if f}:
        return True
    span = Span(first, meter)
    return not any(span.rest(f) for f in second) and len(Span(second, meter).basis) == len(span.basis)


def determinant(rows: list[list[Poly]], ring: Ring) -> Poly:
    """The determinant, by expansion along the first rows, once for every set of columns: good for few rows."""
    n = len(rows)
    minors: dict[frozenset[int], Poly] = {frozenset(): ring.number(1)}
    for i in range(n - 1, -1, -1):
        after: dict[frozenset[int], Poly] = {}
        for columns in combinations(range(n), n - i):
            ring.meter.count(n - i)
            total: Poly = {}
            chosen = frozenset(columns)
            for place, j in enumerate(columns):
                if rows[i][j]:
                    part = ring.mul(rows[i][j], minors[chosen - {j}])
                    total = ring.add(total, part, -1 if place % 2 else 1)
            after[chosen] = total
        minors = after
    return minors[frozenset(range(n))]


def resultant(f: Poly, g: Poly, j: int, ring: Ring) -> Poly:
    """The determinant of Sylvester's matrix with respect to x_j (Bareiss: every division is exact)."""
    parts, d, e = (ring.by_powers(f, j), ring.by_powers(g, j)), degree(f, j), degree(g, j)
    rows: list[list[Poly]] = []
    for p, top, copies in ((parts[0], d, e), (parts[1], e, d)):
        rows += [[p.get(top - (k - s), {}) for k in range(d + e)] for s in range(copies)]
    previous, negative = ring.number(1), False
    for k in range(d + e - 1):
        pivot = next((i for i in range(k, d + e) if rows[i][k]), None)
        if pivot is None:
            return {}
        if pivot != k:
            rows[k], rows[pivot], negative = rows[pivot], rows[k], not negative
        for i in range(k + 1, d + e):
            for col in range(k + 1, d + e):
                ring.meter.count(1)
                value = ring.add(
                    ring.mul(rows[k][k], rows[i][col]), ring.mul(rows[i][k], rows[k][col]), -1
                )
                quotient = ring.divide(value, previous)
                assert quotient is not None
                rows[i][col] = quotient
        previous = rows[k][k]
    last = rows[-1][-1] if rows else ring.number(1)
    return scale(last, -1) if negative else last


def is_prime(p: int) -> bool:
    """Miller-Rabin to the first 13 prime bases, a proof below PRIME_LIMIT (Sorenson, Webster 2017)."""
    bases = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41)
    if p < 2 or any(p % b == 0 for b in bases):
        return p in bases
    odd, twos = p - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for b in bases:
        x = pow(b, odd, p)
        if x in (1, p - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % p
            if x == p - 1:
                break
        else:
            return False
    return True


def check_irreducible(q: Poly, c: int, n: int, d: int, meter: Meter) -> None:
    """q is irreducible over Q and has a real root.

    Let f be q made integral and primitive, of degree D >= 2, and |z| < H + 1 for its roots (Cauchy). If f = g h over
    the integers and the prime |f(n)| / d, that does not divide d, does not divide g(n), then g(n) divides d; but
    |g(n)| > (n - H - 1)^{deg g} >= d. So there is no such factorisation (Murty 2002, Girstmair 2005).
    """
    if support(q) != {c}:
        refuse("a minimal polynomial is not one in the constant alone")
    f, _ = primitive(q)
    top = degree(f, c)
    if top < 2:
        refuse("a minimal polynomial has degree 1")
    values = {e[c]: v.numerator for e, v in f.items()}
    height = max((Fraction(abs(v), abs(values[top])) for k, v in values.items() if k < top), default=Fraction(0))
    if n < height + d + 1:
        refuse(f"the minimal polynomial's point {shown(n)} is less than H + d + 1")
    meter.count(len(values) * (words(f) + top * (n.bit_length() // 64 + 1)) ** 2)
    value = abs(sum(v * n**k for k, v in values.items()))
    if value % d:
        refuse(f"{shown(d)} does not divide the value of the minimal polynomial")
    p = value // d
    if p >= PRIME_LIMIT:
        refuse("the value of the minimal polynomial has no prime small enough to be proved")
    if not is_prime(p) or d % p == 0:
        refuse(f"{shown(p)} is not a prime that does not divide {shown(d)}")
    if not Roots(f, c, meter).count():
        refuse("a minimal polynomial has no real root")


# ----------------------------------------------------------------------------------------------- proofs inside the data


class Domain:
    """The points at which every member of a list of polynomials is nonzero."""

    def __init__(self, members: Iterable[Poly]) -> None:
        """The points at which all of these polynomials are nonzero."""
        self.members = list(members)
        self.keys = {key(u) for u in self.members}
        self.variables: set[int] = set()
        for u in self.members:
            if len(u) == 1 and sum(next(iter(u))) == 1:
                self.variables.update(support(u))

    def has(self, f: Poly) -> bool:
        """Whether the polynomial, up to a factor, is one of the members."""
        return key(f) in self.keys


class Proofs:
    """Proofs that polynomials have no zero, no common zero, that they are independent; optimal linear programmes."""

    def __init__(self, ring: Ring) -> None:
        """Prove things about polynomials of this ring, with its meter."""
        self.ring, self.meter = ring, ring.meter

    def even(self, f: Poly, domain: Domain) -> bool:
        """EVEN: f is a monomial in nonzero variables times a sum that is not 0.

        Its terms are of one sign without odd exponents, and one of them involves only nonzero variables.
        """
        self.ring.count(len(f))
        first: tuple[int, ...] | None = None
        positive = anchored = False
        nonzero = domain.variables
        for e, v in f.items():
            odd = tuple([a & 1 for a in e])
            if first is None:
                if any(a and j not in nonzero for j, a in enumerate(odd)):
                    return False
                first, positive = odd, v > 0
            elif odd != first or (v > 0) != positive:
                return False
            anchored = anchored or not any(a and j not in nonzero for j, a in enumerate(e))
        return anchored

    def nonzero(self, f: Poly, domain: Domain, q: Poly | None, proof: object, what: str) -> None:
        """NONZERO: f vanishes nowhere on the domain, the constant being at a root of q."""
        if not f:
            refuse(f"{what} is 0, to be nonzero")
        if proof == "even":
            if not self.even(f, domain):
                refuse(f"{what} = {self.ring.show(f)} is not even")
            return
        factors = self.factors(proof, f"the proof that {what} is nonzero", 3)
        if not self.equal(f, self.ring.product(self.ring.power(p, e) for p, e, _ in factors)):
            refuse(f"{what} = {self.ring.show(f)} is not the product of the factors of its proof")
        for p, _, reason in factors:
            self.reason(p, domain, q, reason, f"the factor {self.ring.show(p)} of {what}")

    def equal(self, f: Poly, g: Poly) -> bool:
        """f ~ g."""
        return len(f) == len(g) and primitive(f)[0] == primitive(g)[0]

    def factors(self, data: object, what: str, length: int) -> list[tuple[Poly, int, Any]]:
        """Lists `[text, power, anything]` or `[text, power]`."""
        found = []
        for entry in as_list(data, what):
            text, power, *rest = as_list(entry, f"a factor in {what}", length)
            p, e = self.ring.read(text, f"a factor in {what}"), as_int(power, f"a power in {what}", 1)
            if e > MAX_DEGREE:
                raise OverBudget(f"a power above {MAX_DEGREE} in {what}")
            found.append((p, e, rest[0] if rest else None))
        return found

    def rootless(self, f: Poly, what: str) -> None:
        """A nonzero number, or a polynomial in one variable without real root."""
        names = sorted(support(f))
        if not f or len(names) > 1:
            refuse(f"{what} is 0 or involves several variables")
        if names and Roots(f, names[0], self.meter).count():
            refuse(f"{what} has a real root")

    def reason(self, p: Poly, domain: Domain, q: Poly | None, reason: object, what: str) -> None:
        """One factor vanishes nowhere on the domain."""
        if not p:
            refuse(f"{what} is 0")
        if reason == "unit":
            if not domain.has(p):
                refuse(f"{what} is no unit")
        elif reason == "field":
            if q is None or not support(p) <= support(q) or not self.ring.reduce(p, q):
                refuse(f"{what} is no nonzero element of the field")
        elif reason == "even":
            if not self.even(p, domain):
                refuse(f"{what} is not even")
        elif reason == "sturm":
            if len(support(p)) != 1:
                refuse(f"{what} does not involve exactly one variable")
            self.rootless(p, what)
        elif type(reason) is dict and "scaled" in reason:
            self.scaling(p, domain, reason, what)
        elif type(reason) is dict and "discriminant" in reason:
            self.discriminant(p, domain, reason, what)
        elif type(reason) is dict and "planar" in reason:
            self.planar(p, domain, reason, what)
        else:
            refuse(f"{what}: no reason {shown(reason)}")

    def scaling(self, p: Poly, domain: Domain, reason: object, what: str) -> None:
        """p is quasi-homogeneous; a zero with x != 0 could be scaled, by a positive number, until x = 1 or x = -1."""
        data = as_table(reason, f"the reason of {what}", "scaled weights plus minus")
        x = self.ring.number_of(data["scaled"], "the scaled variable")
        weights = self.weights(data["weights"], f"the weights for {what}")
        if x not in domain.variables or x not in weights:
            refuse(f"{what}: {self.ring.names[x]} is not both nonzero and of positive weight")
        if not quasi_homogeneous(p, weights):
            refuse(f"{what} is not quasi-homogeneous")
        smaller = Domain(self.ring.variable(j) for j in sorted(domain.variables))
        for sign, name in ((1, "plus"), (-1, "minus")):
            at = self.ring.substitute(p, x, self.ring.number(sign))
            self.nonzero(at, smaller, None, data[name], f"{what}, {name},")

    def weights(self, data: object, what: str) -> dict[int, int]:
        """The weights, positive integers, of the variables that a table names."""
        table = as_table(data, what)
        return {self.ring.number_of(name, what): as_int(w, what, 1) for name, w in table.items()}

    def discriminant(self, p: Poly, domain: Domain, reason: object, what: str) -> None:
        """p has degree 2 in y, and its discriminant is negative.

        Even powers are positive where the factor is nonzero; factors of odd power vanish at no real point at all, so
        have the sign of their value at 0.
        """
        data = as_table(reason, f"the reason of {what}", "discriminant factors")
        y = self.ring.number_of(data["discriminant"], "the variable of the discriminant")
        parts = self.ring.by_powers(p, y)
        if max(parts) != 2:
            refuse(f"{what} has not degree 2 in {self.ring.names[y]}")
        square = self.ring.mul(parts.get(1, {}), parts.get(1, {}))
        value = self.ring.add(square, self.ring.mul(parts[2], parts.get(0, {})), -4)
        factors = self.factors(data["factors"], f"the discriminant of {what}", 3)
        total = self.ring.product(self.ring.power(g, e) for g, e, _ in factors)
        if not value or not self.equal(value, total):
            refuse(f"the discriminant of {what} is not the product of its factors")
        sign = primitive(value)[1] / Fraction(primitive(total)[1])
        for g, e, why in factors:
            self.reason(g, domain if e % 2 == 0 else Domain([]), None, why, f"a factor of the discriminant of {what}")
            if e % 2 and not g.get(self.ring.origin, 0) > 0:
                sign = -sign
        if sign >= 0:
            refuse(f"the discriminant of {what} is not negative")

    def planar(self, p: Poly, domain: Domain, reason: object, what: str) -> None:
        """p(x, y) vanishes nowhere in the domain.

        Between neighbouring roots of S (multiple of Res_y(p, dp/dy), so of the leading coefficient) the number of real
        roots of p(x, .) does not change, and it is 0 at a sample there. Over a root of a special factor: the root is
        not in the domain, or y would be a root of Res_x(p, factor), which is not in it.
        """
        ring = self.ring
        data = as_table(reason, f"the reason of {what}", "planar fibre special samples")
        x, y = ring.number_of(data["planar"], "the base"), ring.number_of(data["fibre"], "the fibre")
        if x == y or support(p) != {x, y}:
            refuse(f"{what} does not involve exactly the two variables")
        above = [u for u in domain.members if support(u) == {y}]
        s = resultant(p, ring.derivative(p, y), y, ring)
        for u in above:
            s = ring.mul(s, resultant(p, u, y, ring))
        special = self.factors(data["special"], f"the special factors of {what}", 3)
        if not s or not self.equal(s, ring.product(ring.power(g, e) for g, e, _ in special)):
            refuse(f"the resultants of {what} are not the product of the special factors, or are 0")
        dangerous = ring.number(1)
        for g, _, why in special:
            name = f"the special factor {ring.show(g)}"
            if not support(g) <= {x}:
                refuse(f"{name} does not involve x alone")
            if why == "rootless":
                self.rootless(g, name)
                continue
            dangerous = ring.mul(dangerous, g)
            if why == "unit":
                if not domain.has(g):
                    refuse(f"{name} is no unit")
                continue
            table = as_table(why, f"the reason of {name}", "resultant")
            r = resultant(p, g, x, ring)
            factors = self.factors(table["resultant"], f"the resultant of {name}", 3)
            if not r or not self.equal(r, ring.product(ring.power(h, e) for h, e, _ in factors)):
                refuse(f"the resultant of {name} is not the product of its factors, or is 0")
            over = Domain(above)
            for h, _, because in factors:
                if because == "unit" and over.has(h):
                    continue
                if because != "sturm" or not support(h) <= {y}:
                    refuse(f"the factor {ring.show(h)} over {name} has no reason")
                self.rootless(h, f"the factor {ring.show(h)} over {name}")
        samples = [as_rational(v, "a sample") for v in as_list(data["samples"], "the samples")]
        if not samples or any(a >= b for a, b in pairwise(samples)):
            refuse(f"{what}: the samples do not increase, or there are none")
        if any(not ring.substitute(g, x, ring.number(a)) for a in samples for g, _, _ in special):
            refuse(f"{what}: a sample is a root of a special factor")
        roots = Roots(dangerous, x, self.meter)
        levels = [roots.at(None, below=True), *(roots.at(a) for a in samples), roots.at(None)]
        drops = [a - b for a, b in pairwise(levels)]
        if drops[0] or drops[-1] or any(d > 1 for d in drops):
            refuse(f"{what}: the samples do not separate the roots")
        for a in samples:
            self.rootless(ring.substitute(p, x, ring.number(a)), f"{what} at the sample {a}")

    def empty(self, forms: Sequence[Poly], domain: Domain, q: Poly | None, proof: object, what: str) -> None:
        """EMPTY: the forms have no common zero on the domain: one has none, or a combination is a product of units."""
        if type(proof) is dict and "form" in proof:
            data = as_table(proof, f"the proof for {what}", "form nonzero")
            i = as_int(data["form"], f"the number of the form for {what}")
            if i >= len(forms):
                refuse(f"{what}: there is no form {i}")
            self.nonzero(forms[i], domain, q, data["nonzero"], f"form {i} of {what}")
            return
        data = as_table(proof, f"the proof for {what}", "cofactors units")
        total: Poly = {}
        for entry in as_list(data["cofactors"], f"the cofactors for {what}"):
            i, text = as_list(entry, f"a cofactor for {what}", 2)
            if as_int(i, f"the number of a form for {what}") >= len(forms):
                refuse(f"{what}: there is no form {i}")
            total = self.ring.add(total, self.ring.mul(self.ring.read(text, f"a cofactor for {what}"), forms[i]))
        listed = as_list(data["units"], f"the units for {what}")
        plain = [as_list(entry, f"a unit for {what}")[:2] for entry in listed]
        units = self.factors(plain, f"the units for {what}", 2)
        for (u, _, _), entry in zip(units, listed, strict=True):
            if len(entry) == 2 and not domain.has(u):
                refuse(f"{what}: {self.ring.show(u)} is no unit")
            if len(entry) > 2:
                if entry[2:] != ["sturm"] or not u:
                    refuse(f"{what}: no reason why {self.ring.show(u)} has no zero")
                self.reason(u, domain, q, "sturm", f"{self.ring.show(u)} for {what}")
        goal = self.ring.reduce(self.ring.product(self.ring.power(u, e) for u, e, _ in units), q)
        if not goal or not self.equal(self.ring.reduce(total, q), goal):
            refuse(f"{what}: the combination is not the product of the units")

    def independent(
        self, forms: Sequence[Poly], r: int, coordinates: Sequence[int], domain: Domain, q: Poly | None,
        data: object, what: str,
    ) -> None:
        """INDEPENDENT: at a common zero on the domain some r-rowed minor of the Jacobian is not 0."""
        table = as_table(data, f"the proof for {what}", "minors empty")
        minors = []
        for entry in as_list(table["minors"], f"the minors for {what}"):
            given = as_list(entry, f"a minor for {what}", 2)
            rows = [as_int(i, f"a row for {what}") for i in as_list(given[0], f"the rows for {what}", r)]
            names = as_list(given[1], f"the columns for {what}", r)
            columns = [self.ring.number_of(name, f"a column for {what}") for name in names]
            if rows != sorted(set(rows)) or any(i >= len(forms) for i in rows):
                refuse(f"{what}: the rows of a minor are not increasing numbers of forms")
            if columns != sorted(set(columns)) or not set(columns) <= set(coordinates):
                refuse(f"{what}: the columns of a minor are not increasing coordinates")
            minors.append(determinant([[self.ring.derivative(forms[i], j) for j in columns] for i in rows], self.ring))
        self.empty([*forms, *minors], domain, q, table["empty"], what)

    def combined(self, terms: dict[Exponent, Fraction], n: int) -> tuple[Fraction, list[Fraction]]:
        """The sum of the coefficients, and the combination of the exponents."""
        total, used = Fraction(0), [Fraction(0)] * n
        for a, r in terms.items():
            self.meter.count(n)
            self.meter.fractions(total, r)
            total += r
            for j, v in enumerate(a):
                if v:
                    self.meter.fractions(used[j], r)
                    used[j] += r * v
        return total, used

    def optimum(self, exponents: Iterable[Exponent], h: Sequence[int], data: object, what: str) -> Pair:
        """OPTIMUM: the pair of a sum of squares of monomials with the measure `x^h dx` (Howald 2001; Lin 2011).

        lambda is the value of the programme: minimise w (h + 1) / 2 over w >= 0 with w a >= 1. t and w are optimal as
        they have the same value; the optimal weights are the feasible ones that are tight on E (complementary
        slackness); if E has the rank of all that is tight at w, they contain a neighbourhood of w in this affine
        space.
        """
        n = len(h)
        points = minimal(exponents, self.meter)
        if not any(map(any, points)):
            if data is not None:
                refuse(f"{what}: the optimum is infinite, so must be null")
            return None
        table = as_table(data, what, "combination weights")
        t: dict[Exponent, Fraction] = {}
        known = set(points)
        for entry in as_list(table["combination"], what):
            point, value = as_list(entry, what, 2)
            a, r = as_exponent(point, n, what), as_rational(value, what)
            if a not in known or a in t or r <= 0:
                refuse(f"{what}: {a} is no minimal exponent, or given twice, or its coefficient is not positive")
            t[a] = r
        w = [as_rational(v, what) for v in as_list(table["weights"], what, n)]
        total, used = self.combined(t, n)
        if any(used[j] > h[j] + 1 for j in range(n)):
            refuse(f"{what}: the combination is larger than h + 1")
        self.meter.fractions(*w)
        below = lcm(*(v.denominator for v in w))
        self.meter.count(n * len(points) * (below.bit_length() // 64 + 1))
        integral = [v.numerator * (below // v.denominator) for v in w]
        values = [sum(v * b for v, b in zip(integral, a, strict=True)) for a in points]
        if min(integral) < 0 or min(values) < below:
            refuse(f"{what}: the weights are not feasible")
        if total != sum(w[j] * (h[j] + 1) for j in range(n)):
            refuse(f"{what}: the two values differ")
        unit = [tuple(int(i == j) for i in range(n)) for j in range(n)]
        tight = [a for a, v in zip(points, values, strict=True) if v == below] + [unit[j] for j in range(n) if not w[j]]
        slack = [*t, *(unit[j] for j in range(n) if used[j] < h[j] + 1)]
        if not set(slack) <= set(tight):
            refuse(f"{what}: complementary slackness fails")
        size = rank(slack, self.meter)
        if size != rank(tight, self.meter):
            refuse(f"{what}: the combination has not the rank of the optimal face")
        return total / 2, n - size + 1


# ----------------------------------------------------------------------------------------- strata, their canonical form


@dataclass
class Derived:
    """A stratum as a step describes it; `near` has the flat variables too, q is the constant's polynomial."""

    gens: list[Poly]
    near: set[int]
    orders: list[int]
    jacobian: list[int]
    units: list[Poly]
    q: Poly | None


@dataclass
class Stratum:
    """A stratum in canonical form, with the polynomials as they are stated."""

    gens: list[Poly]
    gen_keys: set[Key]
    near: list[int]  # not flat
    flat: set[int]
    orders: list[int]
    jacobian: list[int]
    units: list[Poly]
    q: Poly | None
    free: list[int]
    domain: Domain

    def derived(self, **changes: Any) -> Derived:
        """The derived stratum that this one becomes with changes."""
        values: dict[str, Any] = {
            "gens": self.gens, "near": {*self.near, *self.flat}, "orders": list(self.orders),
            "jacobian": list(self.jacobian), "units": list(self.units), "q": self.q,
        }
        return Derived(**{**values, **changes})


def common_exponent(polys: Iterable[Poly], variables: Sequence[int]) -> dict[int, int]:
    """The largest monomial in the variables that divides all of the polynomials."""
    low: dict[int, int] = {}
    rest = list(variables)
    for f in polys:
        for e in f:
            low = {j: e[j] if j not in low or e[j] < low[j] else low[j] for j in rest}
            rest = [j for j in rest if low[j]]
            if not rest:
                return {}
    return {j: low[j] for j in rest}


def lowered(f: Poly, powers: dict[int, int]) -> Poly:
    """f divided by a monomial that divides it."""
    if not powers:
        return f
    return {tuple([a - powers[j] if j in powers else a for j, a in enumerate(e)]): v for e, v in f.items()}


class Strata(Proofs):
    """Comparison of a derived stratum with the one that a node states."""

    def __init__(self, ring: Ring, variables: int, constants: list[tuple[Key, Poly]]) -> None:
        """The ring's variables from number ``variables`` on are the constant; with its minimal polynomials."""
        super().__init__(ring)
        self.c = variables if ring.n > variables else None
        self.constants = constants

    def on(self, f: Poly, near: Iterable[int], q: Poly | None) -> Poly:
        """f on the stratum: near variables set to 0, reduced modulo q."""
        return self.ring.reduce(self.ring.setting_zero(f, near), q)

    def names(self, data: object, what: str) -> list[int]:
        """Distinct names of variables."""
        found = [self.ring.number_of(name, what) for name in as_list(data, what)]
        if len(set(found)) < len(found):
            refuse(f"{what}: a name given twice")
        return found

    def stated(self, data: object) -> Derived:
        """What a node states, read."""
        ring = self.ring
        table = as_table(data, "the stratum", "generators near orders jacobian units constants")
        gens = [ring.read(t, "a stated generator") for t in as_list(table["generators"], "the stated generators")]
        units = [ring.read(t, "a stated unit") for t in as_list(table["units"], "the stated units")]
        levels = []
        for name in ("orders", "jacobian"):
            values = [0] * ring.n
            for variable, k in as_table(table[name], f"the stated {name}").items():
                values[ring.number_of(variable, f"the stated {name}")] = as_int(k, f"the stated {name}", 1)
            levels.append(values)
        near, q = set(self.names(table["near"], "the stated near variables")), None
        for name, text in as_table(table["constants"], "the stated constants").items():
            if self.c is None or name != ring.names[self.c]:
                refuse(f"{shown(name)} is not the constant of the certificate")
            q = self.known(ring.read(text, "a stated constant's polynomial"))
            if self.c in near:
                refuse("the constant is stated as a near variable")
        return Derived(gens, near, levels[0], levels[1], units, q)

    def known(self, q: Poly) -> Poly:
        """One of the polynomials that were proved irreducible, with a real root."""
        wanted = key(q)
        for known, poly in self.constants:
            if known == wanted:
                return poly
        refuse(f"{self.ring.show(q)} is not among the minimal polynomials")

    def compare(self, d: Derived, data: object) -> Stratum | None:
        """The canonical form of a derived stratum, in the polynomials that are stated; None if it has no points.

        Nothing here changes the germs but by units: monomials in nonzero variables, numbers, elements of the field.
        """
        ring, stated = self.ring, self.stated(data)
        derived_units = [self.on(u, d.near, d.q) for u in d.units]
        empty = not all(derived_units)
        if empty:
            if len(stated.units) != 1 or stated.units[0]:
                refuse("the stratum has no points, but this is not stated")
            stated.units = []
        self.compare_units([u for u in derived_units if not is_number(u)] if not empty else [], stated.units, d)
        domain = Domain(stated.units)
        gens, orders = [], list(d.orders)
        for g in d.gens:
            f = ring.reduce(g, d.q)
            if f:
                self.ring.count(len(f))
                gens.append(lowered(f, common_exponent([f], sorted(domain.variables))))
        near = sorted(d.near)
        if gens:
            content = common_exponent(gens, near)
            gens = [lowered(f, content) for f in gens]
            for j, a in content.items():
                orders[j] += a
        for j in range(ring.n):
            if (j not in d.near or (d.q is not None and j == self.c)) and (orders[j] or d.jacobian[j]):
                refuse(f"{ring.names[j]} is free or a constant, but has an order")
        keys = {key(f) for f in gens}
        stated_keys = [key(f) for f in stated.gens]
        if len(set(stated_keys)) < len(stated_keys) or not all(stated.gens):
            refuse("a stated generator is 0, or stated twice")
        if set(stated_keys) != keys:
            missing = [f for f in gens if key(f) not in set(stated_keys)]
            extra = [f for f, k in zip(stated.gens, stated_keys, strict=True) if k not in keys]
            name, wrong = ("is not stated", missing) if missing else ("is not derived", extra)
            refuse(f"the generator {ring.show(wrong[0])} {name}")
        occurring: set[int] = set()
        for f in [*stated.gens, *stated.units]:
            occurring |= support(f)
        constant = {self.c} if d.q is not None else set()
        flat = {j for j in range(ring.n) if j not in occurring and not orders[j]} - constant
        jacobian = [0 if j in flat else k for j, k in enumerate(d.jacobian)]
        if stated.near != d.near - flat:
            self.differ("near", sorted(d.near - flat), sorted(stated.near))
        for name, derived, given in (("orders", orders, stated.orders), ("jacobian", jacobian, stated.jacobian)):
            if derived != given:
                self.differ(name, [j for j in range(ring.n) if derived[j] != given[j]], derived, given)
        if (d.q is None) != (stated.q is None) or (d.q and stated.q and key(d.q) != key(stated.q)):
            refuse("the stated constant is not the derived one")
        if empty:
            return None
        free = [j for j in range(ring.n) if j not in d.near and j not in flat and j not in constant]
        return Stratum(stated.gens, keys, sorted(stated.near), flat, orders, jacobian, stated.units, d.q, free, domain)

    def differ(self, what: str, variables: list[int], derived: list[int], stated: list[int] | None = None) -> NoReturn:
        """Refuse a stratum: what is derived for these variables is not what the node states."""
        names = self.ring.names
        if stated is None:
            refuse(f"{what}: derived {[names[j] for j in variables]}, stated {[names[j] for j in derived]}")
        j = variables[0]
        refuse(f"{what} of {names[j]}: derived {derived[j]}, stated {stated[j]}")

    def compare_units(self, derived: list[Poly], stated: list[Poly], d: Derived) -> None:
        """Both lists of units describe the same points."""
        seen: set[Key] = set()
        constant = {self.c} if d.q is not None else set()
        for u in stated:
            names = support(u)
            if key(u) in seen or names & d.near or not names - constant or self.ring.reduce(u, d.q) != u:
                refuse(f"the stated unit {self.ring.show(u)} is given twice, not reduced, not in free variables alone")
            seen.add(key(u))
        used = [False] * len(stated)
        for u in derived:
            rest = u
            for i, s in enumerate(stated):
                while (quotient := self.ring.divide(rest, s)) is not None:
                    rest, used[i] = quotient, True
            if support(rest) - constant:
                refuse(f"the unit {self.ring.show(u)} is not a product of stated units")
        for i, s in enumerate(stated):
            if not used[i] and not any(self.ring.divide(u, s) is not None for u in derived):
                refuse(f"the stated unit {self.ring.show(s)} divides no derived one")


# -------------------------------------------------------------------------------------- Newton polyhedra, cones, charts


def below(a: Exponent, b: Exponent) -> bool:
    """a <= b in every coordinate."""
    return all(map(le, a, b))


def minimal(exponents: Iterable[Exponent], meter: Meter) -> list[Exponent]:
    """The exponents that are >= no other one in every coordinate, sorted."""
    kept: list[Exponent] = []
    for a in sorted(set(exponents), key=lambda e: (sum(e), e)):
        meter.count((len(kept) + 1) * (1 + len(a) // 16))
        if not any(below(b, a) for b in kept):
            kept.append(a)
    return sorted(kept)


@dataclass(frozen=True)
class Face:
    """A compact face: its minimal exponents and its rays, both sorted."""

    exponents: tuple[Exponent, ...]
    rays: tuple[Exponent, ...]


class Polyhedron:
    """conv(A) + the orthant, by its facets.

    A facet is its normal and a mask of what is tight on it: the bits of the minimal exponents, then those of the
    directions e_j.
    """

    def __init__(self, exponents: Iterable[Exponent], n: int, meter: Meter) -> None:
        """The polyhedron of exponents in n variables."""
        self.n, self.meter = n, meter
        self.points = minimal(exponents, meter)
        self.facets = self.find_facets() if n else {}

    def find_facets(self) -> dict[Exponent, int]:
        """Double description of the cone of (w, d), w >= 0, d <= w a for all a: its rays without (0, -1)."""
        n, points = self.n, self.points
        a0 = points[0]
        directions = [1 << (len(points) + j) for j in range(n)]
        every = sum(directions)
        rays: list[tuple[tuple[int, ...], int, int]] = [((0,) * n, -1, every)]
        for j in range(n):
            rays.append((tuple(int(i == j) for i in range(n)), a0[j], 1 | (every ^ directions[j])))
        for number, a in enumerate(points[1:], 1):
            bit = 1 << number
            self.meter.count(len(rays) * (1 + n // 16))
            above, below, kept = [], [], []
            for w, d, mask in rays:
                value = sum([x * y for x, y in zip(w, a, strict=True)]) - d
                if value > 0:
                    above.append((w, d, mask, value))
                    kept.append((w, d, mask))
                elif value < 0:
                    below.append((w, d, mask, value))
                else:
                    kept.append((w, d, mask | bit))
            masks = [r[2] for r in rays]
            self.meter.count(len(above) * len(below))
            for w, d, mask, value in above:
                for u, b, other, negative in below:
                    common = mask & other
                    if common.bit_count() < n - 1:
                        continue
                    self.meter.count(len(masks))
                    if sum([m & common == common for m in masks]) > 2:
                        continue
                    new = [value * y - negative * x for x, y in zip((*w, d), (*u, b), strict=True)]
                    size = gcd(*new)
                    kept.append((tuple(v // size for v in new[:-1]), new[-1] // size, common | bit))
            rays = kept
        return {w: mask for w, _, mask in sorted(rays) if any(w)}

    def faces(self) -> list[Face]:
        """The compact faces: the closures of growing sets of minimal exponents that extend in no direction."""
        if not self.n:
            return [Face(((),), ())]
        size = len(self.points)
        inside = (1 << size) - 1
        facets = list(self.facets.items())
        found: set[int] = set()
        pending = [0]
        while pending:
            face = pending.pop()
            for i in range(size):
                if face >> i & 1:
                    continue
                wanted, closure, tight = face | 1 << i, -1, False
                self.meter.count(len(facets))
                for _, mask in facets:
                    if mask & wanted == wanted:
                        closure &= mask
                        tight = True
                if tight and not closure & ~inside and closure not in found:
                    found.add(closure)
                    pending.append(closure)
        faces = []
        for mask in found:
            members = tuple(a for i, a in enumerate(self.points) if mask >> i & 1)
            faces.append(Face(members, tuple(w for w, tight in facets if tight & mask == mask)))
        return sorted(faces, key=lambda f: f.exponents)

    def on(self, rays: Iterable[Exponent]) -> int:
        """The mask of what is tight on all of these rays."""
        mask = -1
        for w in rays:
            mask &= self.facets[w]
        return mask

    def triangulation(self, rays: tuple[Exponent, ...]) -> list[tuple[Exponent, ...]]:
        """Simplices of the cone of the rays, by pulling: the first ray with those of the sides that do not contain it.

        A side is where another element (exponent or direction) becomes tight, of rank one less: those inequalities
        describe the cone.
        """
        size = rank(rays, self.meter)
        if size == len(rays):
            return [rays]
        whole = self.on(rays)
        sides: set[tuple[Exponent, ...]] = set()
        for bit in range(len(self.points) + self.n):
            if whole >> bit & 1:
                continue
            self.meter.count(len(rays))
            side = tuple(w for w in rays if self.facets[w] >> bit & 1)
            if side and side[0] != rays[0] and side not in sides and rank(side, self.meter) == size - 1:
                sides.add(side)
        return [(rays[0], *simplex) for side in sorted(sides) for simplex in self.triangulation(side)]

    def cones(self, face: Face) -> list[tuple[Exponent, ...]]:
        """The cones of the triangulation that lie in no proper face of the normal cone, sorted."""
        whole = self.on(face.rays)
        found: set[tuple[Exponent, ...]] = set()
        for simplex in self.triangulation(face.rays):
            self.meter.count(16 << len(simplex))
            for k in range(1, len(simplex) + 1):
                for cone in combinations(simplex, k):
                    if cone not in found and self.on(cone) == whole:
                        found.add(cone)
        return sorted(found)


# ---------------------------------------------------------------------------------------------------------------- steps

Combine = Callable[[list[Bracket]], Bracket]
Outcome = tuple[list[Derived], Combine]


def leaf(lower: Pair, upper: Pair) -> Outcome:
    """The outcome of a step without children, with these ends."""
    return [], lambda _: (lower, upper)


class Steps(Strata):
    """One function a step: the strata of the children, and how their brackets are combined."""

    def __init__(self, ring: Ring, variables: int, constants: list[tuple[Key, Poly]]) -> None:
        """Steps for strata over this ring; see `Strata`."""
        super().__init__(ring, variables, constants)
        self.lemmas: list[tuple[Stratum | None, Bracket]] = []

    # what several steps share

    def constant(self, s: Stratum) -> set[int]:
        """The number of the constant of a stratum, as a set: empty if it has none."""
        return set() if s.q is None or self.c is None else {self.c}

    def restricted(self, s: Stratum, f: Poly) -> Poly:
        """f with near variables set to 0: a polynomial, and no remainder modulo q."""
        return self.ring.setting_zero(f, [*s.near, *s.flat])

    def require(self, s: Stratum, hypotheses: str) -> None:
        """Hypotheses that many steps share."""
        orders, jacobian = any(s.orders), any(s.jacobian)
        for word in hypotheses.split():
            if word == "generators" and not s.gens:
                refuse("there are no generators")
            if word == "single" and len(s.gens) != 1:
                refuse(f"there are {len(s.gens)} generators, not exactly one")
            if (word == "orders" and orders) or (word == "jacobian" and jacobian):
                refuse(f"a variable has an order or Jacobian order ({word})")
            if word == "bound" and (s.free or s.q is not None):
                refuse("there is a free variable or a constant")

    def generator(self, gens: Sequence[Poly], value: object, what: str = "the number of a generator") -> int:
        """The number of a generator, which must exist."""
        i = as_int(value, what)
        if i >= len(gens):
            refuse(f"there is no generator {shown(i)}")
        return i

    def coordinate(self, s: Stratum, name: object) -> int:
        """The number of the variable with this name, which must not be the constant."""
        j = self.ring.number_of(name, "the variable")
        if j in self.constant(s):
            refuse(f"{shown(name)} is the constant")
        return j

    def monomial_bound(self, s: Stratum, data: object) -> Pair:
        """An upper bound of v: K <= C (the sum of the squares of the monomials in near variables of all terms)."""
        a = {tuple([e[j] + s.orders[j] for j in s.near]) for g in s.gens for e in g}
        return self.optimum(a, [s.jacobian[j] for j in s.near], data, "the monomial bound")

    def weighted_bound(self, s: Stratum, data: object) -> Pair:
        """Feasible weights have a value that is not below the optimum of the monomial bound; m is at least 1."""
        what, n = "the weights of the monomial bound", len(s.near)
        w = [as_rational(v, what) for v in as_list(data, what, n)]
        a = {tuple([e[j] + s.orders[j] for j in s.near]) for g in s.gens for e in g}
        self.meter.count(n * len(a))
        self.meter.fractions(*w)
        if any(v < 0 for v in w) or any(sum(v * b for v, b in zip(w, e, strict=True)) < 1 for e in a):
            refuse(f"{what} are not feasible")
        return (sum((v * (s.jacobian[j] + 1) for v, j in zip(w, s.near, strict=True)), Fraction(0)) / 2, 1)

    def order_bound(self, s: Stratum) -> Pair:
        """A lower bound from the degree of a generator and the orders.

        A generator of degree D vanishes nowhere to a higher order, so |g|^-s is integrable for s < 1/D; monomials x^k
        for s < (h_j + 1)/k_j; Hölder's inequality gives 1 / (D + max k_j/(h_j + 1)) for the product.
        """
        d = Fraction(min(max(map(sum, g)) for g in s.gens))
        d += max((Fraction(s.orders[j], s.jacobian[j] + 1) for j in s.near), default=Fraction(0))
        return (1 / (2 * d), self.ring.n) if d else None

    def replace(self, s: Stratum, gens: Iterable[Poly], **changes: Any) -> Outcome:
        """One child, that keeps v."""
        return [s.derived(gens=list(gens), **changes)], same

    # ends of branches

    def step_empty(self, s: Stratum | None, data: object) -> Outcome:
        """No points: the least pair over them is infinite."""
        as_table(data, "the data", "")
        if s is not None:
            refuse("the stratum has points")
        return leaf(None, None)

    def step_zero(self, s: Stratum, data: object) -> Outcome:
        """Without generators K = 0."""
        as_table(data, "the data", "")
        if s.gens:
            refuse("there are generators")
        return leaf((Fraction(0), 1), (Fraction(0), 1))

    def step_lemma(self, s: Stratum, data: object) -> Outcome:
        """The stratum is that of a lemma, up to a permutation of the variables: so is its bracket."""
        table = as_table(data, "the data", "number renaming")
        number = as_int(table["number"], "the number of the lemma")
        if number >= len(self.lemmas):
            refuse(f"there is no lemma {shown(number)} before this node")
        lemma, bracket = self.lemmas[number]
        if lemma is None:
            refuse(f"the stratum of lemma {number} has no points")
        names = as_table(table["renaming"], "the renaming")
        to = [self.ring.number_of(names.get(name), "the renaming") for name in self.ring.names]
        if len(names) != self.ring.n or len(set(to)) < self.ring.n:
            refuse("the renaming is no permutation of the names")
        if (s.q is not None or lemma.q is not None) and self.c is not None and to[self.c] != self.c:
            refuse("the renaming moves the constant")
        back = [0] * self.ring.n
        for j, i in enumerate(to):
            back[i] = j

        def renamed(f: Poly) -> Key:
            self.ring.count(len(f))
            return key({tuple([e[j] for j in back]): v for e, v in f.items()})

        if {to[j] for j in lemma.near} != set(s.near) or {to[j] for j in lemma.flat} != s.flat:
            refuse(f"the near or flat variables are not those of lemma {number}")
        if any(lemma.orders[j] != s.orders[to[j]] or lemma.jacobian[j] != s.jacobian[to[j]] for j in range(len(to))):
            refuse(f"the orders are not those of lemma {number}")
        if (lemma.q is None) != (s.q is None) or (lemma.q and s.q and key(lemma.q) != key(s.q)):
            refuse(f"the constant is not that of lemma {number}")
        if {renamed(g) for g in lemma.gens} != s.gen_keys or {renamed(u) for u in lemma.units} != s.domain.keys:
            refuse(f"the generators or units are not those of lemma {number}")
        return leaf(*bracket)

    def step_best(self, s: Stratum, data: object) -> Outcome:
        """Several proofs for the same stratum: the largest lower and the smallest upper end."""
        count = as_int(as_table(data, "the data", "arguments")["arguments"], "the number of arguments", 1)
        if count > 10:
            refuse("there are more than 10 arguments")
        return [s.derived() for _ in range(count)], lambda brackets: (
            max((b[0] for b in brackets), key=order_of), min((b[1] for b in brackets), key=order_of)
        )

    def step_order(self, s: Stratum, data: object) -> Outcome:
        """The bound by the order of vanishing from below, the monomial bound from above."""
        table = as_table(data, "the data", "optimum")
        self.require(s, "generators")
        proof = table["optimum"]
        if type(proof) is dict and set(proof) == {"weights"}:
            return leaf(self.order_bound(s), self.weighted_bound(s, proof["weights"]))
        return leaf(self.order_bound(s), self.monomial_bound(s, proof))

    def step_initial(self, s: Stratum, data: object) -> Outcome:
        """The ideal degenerates to that of initial monomials: each generator has one term of least weight.

        The complex threshold is lower semicontinuous in families, at most 2 lambda, and for monomials equal to 2
        lambda.
        """
        table = as_table(data, "the data", "weights optimum")
        self.require(s, "generators orders bound")
        weights = {**dict.fromkeys(range(self.ring.n), 1), **self.weights(table["weights"], "the weights")}
        forms = [initial_form(g, weights) for g in s.gens]
        for i, f in enumerate(forms):
            if len(f) != 1:
                refuse(f"generator {i} has {len(f)} terms of least weight")
        a = {tuple(e[j] for j in s.near) for f in forms for e in f}
        pair = self.optimum(a, [0] * len(s.near), table["optimum"], "the optimum of the initial monomials")
        if pair is None:
            refuse("the optimum of the initial monomials is infinite")
        return leaf((pair[0], self.ring.n), None)

    def step_rank(self, s: Stratum, data: object) -> Outcome:
        """r generators are coordinates, so K >= c (b_1^2 + ... + b_r^2).

        The same from above if there are no others, or if n - r fields that are independent at 0 annihilate all: then
        all are functions of r coordinates. All must vanish at 0 (else K would be a unit, and the upper end wrong).
        """
        table = as_table(data, "the data", "fields")
        self.require(s, "orders bound")
        n, ring = self.ring.n, self.ring
        for i, g in enumerate(s.gens):
            if g.get(ring.origin):
                refuse(f"generator {i} does not vanish at 0")
        unit = [next(iter(ring.variable(j))) for j in range(n)]
        r = rank([[g.get(e, 0) for e in unit] for g in s.gens], self.meter)
        if not r:
            refuse("the Jacobian vanishes at 0")
        at_zero = []
        for number, entry in enumerate(as_list(table["fields"], "the fields")):
            components = {
                ring.number_of(name, "a field"): ring.read(text, "a component of a field")
                for name, text in as_table(entry, "a field").items()
            }
            for i, g in enumerate(s.gens):
                total: Poly = {}
                for j, component in components.items():
                    total = ring.add(total, ring.mul(component, ring.derivative(g, j)))
                if total:
                    refuse(f"field {number} does not annihilate generator {i}")
            at_zero.append([components.get(j, {}).get(ring.origin, 0) for j in range(n)])
        pair = (Fraction(r, 2), 1)
        exact = not any(s.jacobian) and (len(s.gens) == r or rank(at_zero, self.meter) == n - r)
        return leaf(pair, pair if exact else None)

    def step_sign(self, s: Stratum, data: object) -> Outcome:
        """The generator has opposite signs on two curves t^w a to 0: its zeros separate, so (1/2, 1) is an upper bound.

        On a hypersurface arbitrarily near 0 it vanishes with change of sign, where (1/2, 1) is a bound, and v is lower
        semicontinuous.
        """
        table = as_table(data, "the data", "curves")
        self.require(s, "single orders jacobian bound")
        values = []
        for curve in as_list(table["curves"], "the curves", 2):
            weights, at = self.curve(*as_list(curve, "a curve", 2))
            values.append(self.ring.evaluate(initial_form(s.gens[0], dict(enumerate(weights))), at))
        if not values[0] * values[1] < 0:
            refuse("the generator has not opposite signs on the two curves")
        return leaf(self.order_bound(s), (Fraction(1, 2), 1))

    def curve(self, given: object, point: object) -> tuple[list[int], list[Fraction]]:
        """The curve t^w a: a weight and a coordinate for each variable."""
        weights = [as_int(w, "a weight", 1) for w in as_list(given, "the weights of a curve", self.ring.n)]
        return weights, [as_rational(v, "a coordinate") for v in as_list(point, "the point of a curve", self.ring.n)]

    def step_regular(self, s: Stratum, data: object) -> Outcome:
        """All generators vanish along a curve to 0, and are coordinates at its points but finitely many."""
        table = as_table(data, "the data", "weights point")
        self.require(s, "generators orders jacobian bound")
        weights, at = self.curve(table["weights"], table["point"])
        rows = []
        for i, g in enumerate(s.gens):
            self.meter.count(len(g) * self.ring.n)
            parts: dict[int, Poly] = {}
            for e, v in g.items():
                parts.setdefault(sum(w * a for w, a in zip(weights, e, strict=True)), {})[e] = v
            if any(self.ring.evaluate(part, at) for part in parts.values()):
                refuse(f"generator {i} does not vanish along the curve")
            rows.append([self.ring.evaluate(self.ring.derivative(g, j), at) for j in range(self.ring.n)])
        if rank(rows, self.meter) != len(rows):
            refuse("the generators are no coordinates at the point")
        return leaf(self.order_bound(s), (Fraction(len(rows), 2), 1))

    def step_hessian(self, s: Stratum, data: object) -> Outcome:
        """Where g vanishes a derivative, a minor of its Hessian or a fold does not, in variables P without orders.

        A volume of ``|g| < e`` in P is then at most C e, C e log(1/e) (rank 2) or C e^(1/2 + 1/k), whatever the other
        variables are: on a fold g is a square and a function with a k-th derivative (van der Corput).
        """
        table = as_table(data, "the data", "gradient minors folds empty optimum")
        self.require(s, "single")
        ring = self.ring
        orders = [j for j in s.near if s.orders[j] or s.jacobian[j]]
        g = ring.setting_zero(s.gens[0], orders)
        ends: list[Pair] = [(Fraction(1, 2), 1)]
        found = [g, *(ring.derivative(g, j) for j in self.without_orders(s, table["gradient"], "the gradient"))]
        for entry in as_list(table["minors"], "the minors"):
            rows, columns = (self.without_orders(s, side, "a minor") for side in as_list(entry, "a minor", 2))
            if len(rows) != len(columns) or len(rows) not in (2, 3):
                refuse("a minor has not 2 or 3 rows and as many columns")
            seconds = [[ring.derivative(ring.derivative(g, a), b) for b in columns] for a in rows]
            found.append(determinant(seconds, ring))
            ends.append((Fraction(1, 2), 4 - len(rows)))
        for entry in as_list(table["folds"], "the folds"):
            first, second, count = as_list(entry, "a fold", 3)
            a, i = self.without_orders(s, [first, second], "a fold")
            k = as_int(count, "the derivatives of a fold", 3)
            if k > 6:
                refuse("a fold has more than 6 derivatives")
            found.append(self.fold(g, a, i, k))
            ends.append((Fraction(k + 2, 4 * k), 1))
        self.empty([self.restricted(s, f) for f in found], s.domain, s.q, table["empty"], "the derivatives")
        lower = product_of([*((Fraction(s.jacobian[j] + 1, 2 * s.orders[j]), 1) for j in s.near if s.orders[j]),
                            least(ends)])
        proof = table["optimum"]
        if type(proof) is dict and set(proof) == {"weights"}:
            return leaf(lower, self.weighted_bound(s, proof["weights"]))
        return leaf(lower, self.monomial_bound(s, proof))

    def without_orders(self, s: Stratum, data: object, what: str) -> list[int]:
        """Distinct coordinates without order and Jacobian order."""
        found = self.names(data, what)
        if any(s.orders[j] or s.jacobian[j] or j in self.constant(s) for j in found):
            refuse(f"{what}: a variable has an order, or is the constant")
        return found

    def fold(self, g: Poly, a: int, i: int, k: int) -> Poly:
        """g_aa times the k-th derivative by x_i on g_a = 0, up to a power of g_aa and lower derivatives."""
        ring = self.ring
        slope = ring.derivative(g, a)
        second, mixed = ring.derivative(slope, a), ring.derivative(slope, i)
        other = ring.derivative(ring.derivative(g, i), i)
        current = ring.add(ring.mul(second, other), ring.mul(mixed, mixed), -1)
        for _ in range(k - 2):
            along, across = ring.derivative(current, i), ring.derivative(current, a)
            current = ring.add(ring.mul(second, along), ring.mul(mixed, across), -1)
        return ring.mul(second, current)

    def step_nearby(self, s: Stratum, data: object) -> Outcome:
        """The germs at t^w a are all equivalent, and t^w a tends to 0: the pair at 0 is at most that at a."""
        table = as_table(data, "the data", "weights point")
        self.require(s, "generators orders jacobian bound")
        weights = self.weights(table["weights"], "the weights")
        point = {
            self.ring.number_of(name, "the point"): as_rational(v, "the point")
            for name, v in as_table(table["point"], "the point").items()
        }
        for j, v in point.items():
            if v and j not in weights:
                refuse(f"{self.ring.names[j]} has no weight")
        gens = []
        for i, g in enumerate(s.gens):
            if not quasi_homogeneous(g, weights):
                refuse(f"generator {i} is not quasi-homogeneous")
            f = g
            for j, v in point.items():
                f = self.shifted(f, j, self.ring.number(v))
            if f.get(self.ring.origin):
                refuse(f"generator {i} does not vanish at the point")
            gens.append(f)
        lower = self.order_bound(s)
        return [s.derived(gens=gens)], lambda brackets: (lower, brackets[0][1])

    def shifted(self, f: Poly, j: int, by: Poly) -> Poly:
        """f with x_j + by for x_j."""
        return self.ring.substitute(f, j, self.ring.add(self.ring.variable(j), by)) if by else f

    # the same germs, written in another way

    def step_subset(self, s: Stratum, data: object) -> Outcome:
        """With fewer squares K is smaller, and so is v."""
        keep = as_list(as_table(data, "the data", "keep")["keep"], "the generators to keep")
        numbers = [self.generator(s.gens, i) for i in keep]
        if not numbers or len(set(numbers)) < len(numbers):
            refuse("the generators to keep are not distinct, or none")
        return [s.derived(gens=[s.gens[i] for i in numbers])], lambda brackets: (brackets[0][0], None)

    def step_change(self, s: Stratum, data: object) -> Outcome:
        """A new coordinate A x_j + B, A a unit and both free of x_j, that is near again if x_j is.

        Generators change by powers of A. Orders of x_j stay what they were, since then B is 0.
        """
        table = as_table(data, "the data", "variable unit shift nonzero")
        ring, j = self.ring, self.coordinate(s, table["variable"])
        a, b = ring.read(table["unit"], "the unit"), ring.read(table["shift"], "the shift")
        if degree(a, j) or degree(b, j):
            refuse(f"the unit or the shift involves {ring.names[j]}")
        a_on, b_on = self.restricted(s, a), self.restricted(s, b)
        self.nonzero(a_on, s.domain, s.q, table["nonzero"], "the unit of the change")
        units = s.units
        if j not in s.free:
            if b_on:
                refuse("the shift does not vanish on the stratum")
            if b and (s.orders[j] or s.jacobian[j]):
                refuse(f"{ring.names[j]} is shifted, but has an order or Jacobian order")
        else:
            above = ring.add(ring.variable(j), b_on, -1)
            units = [ring.substitute(u, j, above, a_on) for u in units]
        above = ring.add(ring.variable(j), b, -1)
        return self.replace(s, [ring.substitute(g, j, above, a) for g in s.gens], units=[*units, a_on])

    def step_composite(self, s: Stratum, data: object) -> Outcome:
        """Generators G(f): f vanishes on the stratum, its derivative by x_j nowhere there: f is a coordinate."""
        table = as_table(data, "the data", "variable inner outer nonzero")
        ring, j = self.ring, self.coordinate(s, table["variable"])
        if j in s.free or s.orders[j] or s.jacobian[j]:
            refuse(f"{ring.names[j]} is not near or has an order or Jacobian order")
        f = ring.read(table["inner"], "the function")
        if self.restricted(s, f):
            refuse("the function does not vanish on the stratum")
        slope = self.restricted(s, ring.derivative(f, j))
        self.nonzero(slope, s.domain, s.q, table["nonzero"], "the derivative of the function")
        outer = [ring.read(text, "an outer polynomial") for text in as_list(table["outer"], "the outer polynomials")]
        if len(outer) != len(s.gens):
            refuse(f"{len(outer)} outer polynomials for {len(s.gens)} generators")
        for g, image in zip(s.gens, outer, strict=True):
            if ring.add(ring.substitute(image, j, f), g, -1):
                refuse(f"{ring.show(image)} does not give the generator {ring.show(g)}")
        return self.replace(s, outer)

    def step_units(self, s: Stratum, data: object) -> Outcome:
        """Factors of generators that vanish nowhere on the stratum are left out."""
        gens = list(s.gens)
        for entry in as_list(as_table(data, "the data", "factors")["factors"], "the factors"):
            number, text, proof = as_list(entry, "a factor", 3)
            i, f = self.generator(gens, number), self.ring.read(text, "a factor")
            self.nonzero(self.restricted(s, f), s.domain, s.q, proof, f"the factor {self.ring.show(f)} on the stratum")
            quotient = self.ring.divide(gens[i], f)
            if quotient is None:
                refuse(f"{self.ring.show(f)} does not divide generator {i}")
            gens[i] = quotient
        return self.replace(s, gens)

    def step_combine(self, s: Stratum, data: object) -> Outcome:
        """Multiples of one generator are subtracted from another: the ideal stays, K up to bounded factors."""
        gens = list(s.gens)
        for entry in as_list(as_table(data, "the data", "subtract")["subtract"], "the list"):
            first, second, text = as_list(entry, "an entry", 3)
            i, j = self.generator(gens, first), self.generator(gens, second)
            if i == j:
                refuse(f"a multiple of generator {i} is subtracted from itself")
            gens[i] = self.ring.add(gens[i], self.ring.mul(self.ring.read(text, "a factor"), gens[j]), -1)
        return self.replace(s, gens)

    def step_remainder(self, s: Stratum, data: object) -> Outcome:
        """Units times generators, less multiples of other ones: the ideal stays at every point of the stratum."""
        gens = list(s.gens)
        for entry in as_list(as_table(data, "the data", "divisions")["divisions"], "the divisions"):
            first, text, proof, second, multiple = as_list(entry, "a division", 5)
            i, j = self.generator(gens, first), self.generator(gens, second)
            if i == j:
                refuse(f"generator {i} is divided by itself")
            u = self.ring.read(text, "a unit")
            self.nonzero(self.restricted(s, u), s.domain, s.q, proof, f"the unit {self.ring.show(u)} on the stratum")
            product = self.ring.mul(self.ring.read(multiple, "a multiple"), gens[j])
            gens[i] = self.ring.add(self.ring.mul(u, gens[i]), product, -1)
        return self.replace(s, gens)

    def step_span(self, s: Stratum, data: object) -> Outcome:
        """Another basis of the same space of polynomials."""
        texts = as_list(as_table(data, "the data", "generators")["generators"], "the generators")
        gens = [self.ring.read(t, "a generator") for t in texts]
        if not same_span(s.gens, gens, self.meter):
            refuse("the polynomials span another space")
        return self.replace(s, gens)

    def step_closure(self, s: Stratum, data: object) -> Outcome:
        """Monomials in the integral closure of other ones can be left out, as generators and in generators.

        |x^e| <= C prod |x^a|^t <= C max |x^a| if sum t >= 1 and sum t a <= e.
        """
        n = self.ring.n
        listed: dict[Exponent, list[Any]] = {}
        for entry in as_list(as_table(data, "the data", "combinations")["combinations"], "the combinations"):
            e, combination = as_list(entry, "a combination", 2)
            exponent = as_exponent(e, n, "a listed exponent")
            if exponent in listed:
                refuse(f"the exponent {exponent} is listed twice")
            listed[exponent] = as_list(combination, "a combination")
        single = {e for g in s.gens if len(g) == 1 for e in g}
        kept = [e for e in minimal(single, self.meter) if e not in listed]
        known = set(kept)
        for exponent, combination in listed.items():
            terms: dict[Exponent, Fraction] = {}
            for entry in combination:
                point, value = as_list(entry, "a term of a combination", 2)
                a, t = as_exponent(point, n, "an exponent"), as_rational(value, "a coefficient")
                if a not in known or a in terms or t < 0:
                    refuse(f"the combination for {exponent} uses a monomial not kept, or twice, or negatively")
                terms[a] = t
            total, used = self.combined(terms, n)
            if total < 1 or any(u > v for u, v in zip(used, exponent, strict=True)):
                refuse(f"the combination for {exponent} does not show that it is integral")
        gens: list[Poly] = [{e: 1} for e in kept]
        for g in s.gens:
            if len(g) > 1:
                self.ring.count(len(g) * (len(kept) + 1))
                gens.append({
                    e: v for e, v in g.items()
                    if e not in listed and not any(below(a, e) for a in kept)
                })
        return self.replace(s, gens)

    def step_power(self, s: Stratum, data: object) -> Outcome:
        """K is the e-th power of another loss: its zeta function is that one's at e z."""
        table = as_table(data, "the data", "base exponent")
        self.require(s, "single")
        base, e = self.ring.read(table["base"], "the base"), as_int(table["exponent"], "the exponent", 2)
        if e > MAX_DEGREE:
            refuse("the exponent is larger than any degree")
        if not self.equal(s.gens[0], self.ring.power(base, e)):
            refuse("the generator is not the power of the base")
        if any(k % e for k in s.orders):
            refuse(f"{e} does not divide all orders")
        child = s.derived(gens=[base], orders=[k // e for k in s.orders])
        r = Fraction(1, e)
        return [child], lambda brackets: (scaled(brackets[0][0], r), scaled(brackets[0][1], r))

    def square_sum(self, coefficients: Sequence[object], bases: Sequence[Poly]) -> Poly:
        """The sum of the squares with these coefficients, each a positive rational."""
        found: Poly = {}
        for value, q in zip(coefficients, bases, strict=True):
            c = as_rational(value, "a coefficient of a square")
            if c <= 0:
                refuse(f"the coefficient {shown(value)} of a square is not positive")
            found = self.ring.add(found, self.ring.mul(q, q), tidy({(): c})[()])
        return found

    def step_squares(self, s: Stratum, data: object) -> Outcome:
        """f = sum c q^2 is comparable to L = sum q^2, so x^(2k) f^2 to (x^k L)^2: its zeta function is that at 2 z."""
        listed = as_list(as_table(data, "the data", "squares")["squares"], "the squares")
        pairs = [as_list(pair, "a square", 2) for pair in listed]
        self.require(s, "single")
        bases = [self.ring.read(text, "the base of a square") for _, text in pairs]
        if not self.equal(s.gens[0], self.square_sum([c for c, _ in pairs], bases)):
            refuse("the squares do not add up to the generator")
        if any(k % 2 for k in s.orders):
            refuse("an order is odd")
        child = s.derived(gens=bases, orders=[k // 2 for k in s.orders])
        r = Fraction(1, 2)
        return [child], lambda brackets: (scaled(brackets[0][0], r), scaled(brackets[0][1], r))

    def step_total(self, s: Stratum, data: object) -> Outcome:
        """The square of K is comparable to the square of x^(2k) times one sum of squares."""
        coefficients = as_list(as_table(data, "the data", "coefficients")["coefficients"], "the coefficients")
        self.require(s, "generators")
        if len(coefficients) != len(s.gens):
            refuse("there is not one coefficient for each generator")
        child = s.derived(gens=[self.square_sum(coefficients, s.gens)], orders=[2 * k for k in s.orders])
        two = Fraction(2)
        return [child], lambda brackets: (scaled(brackets[0][0], two), scaled(brackets[0][1], two))

    def step_product(self, s: Stratum, data: object) -> Outcome:
        """sum over products of squares = product of the sums of squares, in separate variables."""
        self.require(s, "generators")
        ring, constant = self.ring, self.constant(s)
        lists = [
            [ring.read(text, "a factor") for text in as_list(texts, "a list of factors")]
            for texts in as_list(as_table(data, "the data", "factors")["factors"], "the factors")
        ]
        if not lists:
            refuse("there is no list of factors")
        groups = [set().union(*map(support, polys)) - constant for polys in lists]
        if sum(map(len, groups)) > len(set().union(*groups)):
            refuse("a variable occurs in two lists")
        products = [ring.number(1)]
        for polys in lists:
            self.meter.count(64 * len(products) * len(polys))
            products = [ring.mul(f, g) for f in products for g in polys]
        if not same_span(s.gens, products, self.meter):
            refuse("the products do not span the same space as the generators")
        rest = [j for j in range(ring.n) if j not in set().union(*groups) and j not in constant]
        groups[0].update(j for j in rest if not s.orders[j])
        others: list[Pair] = [
            (Fraction(s.jacobian[j] + 1, 2 * s.orders[j]), 1) for j in rest if s.orders[j]
        ]
        children = self.children_of(s, groups, lists)
        return children, lambda brackets: (
            product_of([*(b[0] for b in brackets), *others]), product_of([*(b[1] for b in brackets), *others])
        )

    def children_of(self, s: Stratum, groups: list[set[int]], lists: list[list[Poly]]) -> list[Derived]:
        """One child for each group of variables, with the polynomials given; each unit belongs to one group."""
        units: list[list[Poly]] = [[] for _ in groups]
        for u in s.units:
            names = support(u) - self.constant(s)
            place = next((i for i, group in enumerate(groups) if names <= group), None)
            if place is None:
                refuse(f"the unit {self.ring.show(u)} involves variables of several groups")
            units[place].append(u)
        return [
            s.derived(
                gens=polys, units=own,
                orders=[k if j in group else 0 for j, k in enumerate(s.orders)],
                jacobian=[k if j in group else 0 for j, k in enumerate(s.jacobian)],
            )
            for group, polys, own in zip(groups, lists, units, strict=True)
        ]

    def step_sum(self, s: Stratum, data: object) -> Outcome:
        """K is a sum of losses in separate variables."""
        self.require(s, "generators orders")
        table = as_table(data, "the data", "groups")
        groups = [set(self.names(names, "a group")) for names in as_list(table["groups"], "the groups")]
        if not groups or sum(map(len, groups)) > len(set().union(*groups)) or self.constant(s) & set().union(*groups):
            refuse("there are no groups, or they are not disjoint, or the constant is in one")
        lists: list[list[Poly]] = [[] for _ in groups]
        for i, g in enumerate(s.gens):
            names = support(g) - self.constant(s)
            place = next((k for k, group in enumerate(groups) if names <= group), None)
            if place is None:
                refuse(f"generator {i} involves variables of several groups, or of none")
            lists[place].append(g)
        children = self.children_of(s, groups, lists)
        return children, lambda brackets: (sum_of([b[0] for b in brackets]), sum_of([b[1] for b in brackets]))

    def step_arrangement(self, s: Stratum, data: object) -> Outcome:
        """The generators are products of linear forms: monomials, for each chain of flats of their hyperplanes.

        Order the forms at x: l_1 is the least, l_c the least of those that do not vanish on l_1 = ... = l_{c-1} = 0.
        Any form is comparable to the l_c of the first c for which l_1, ..., l_c span it: l_c = t_c t_{c+1} ... t_r.
        """
        table = as_table(data, "the data", "factors optima")
        self.require(s, "generators bound")
        lists = []
        for i, entry in enumerate(as_list(table["factors"], "the factors", len(s.gens))):
            powers = [
                (self.ring.read(text, "a form"), as_int(e, "a power", 1))
                for text, e in (as_list(pair, "a factor", 2) for pair in as_list(entry, "the factors of a generator"))
            ]
            if any(not f or any(sum(e) != 1 for e in f) for f, _ in powers):
                refuse(f"a factor of generator {i} is no linear form")
            if sum(e for _, e in powers) != max(map(sum, s.gens[i])):
                refuse(f"the factors of generator {i} have another degree")
            if not self.equal(self.ring.product(self.ring.power(f, e) for f, e in powers), s.gens[i]):
                refuse(f"generator {i} is not the product of its factors")
            lists.append(powers)
        chains = self.chains(*self.hyperplanes(s, lists))
        pairs = [
            self.optimum({tuple(row[i] for row in chain) for i in range(1, 1 + len(lists))}, [row[0] for row in chain],
                         proof, "the optimum of a chain")
            for chain, proof in zip(chains, as_list(table["optima"], "the optima", len(chains)), strict=True)
        ]
        return leaf(least(pairs), least(pairs))

    def hyperplanes(self, s: Stratum, lists: list[list[tuple[Poly, int]]]) -> tuple[list[Exponent], list[list[int]]]:
        """Coefficients of the forms, each form once, and what each adds to h and to the exponents of the generators."""
        n = self.ring.n
        rows: list[list[int]] = []
        forms: dict[Exponent, int] = {}
        unit = [next(iter(self.ring.variable(j))) for j in range(n)]
        counted = [(f, i + 1, e) for i, powers in enumerate(lists) for f, e in powers]
        counted += [(self.ring.variable(j), i + 1, k) for j, k in enumerate(s.orders) if k for i in range(len(lists))]
        counted += [(self.ring.variable(j), 0, h) for j, h in enumerate(s.jacobian) if h]
        for f, i, e in counted:
            f = primitive(f)[0]
            form = tuple(int(f.get(a, 0)) for a in unit)
            form = form if next(v for v in form if v) > 0 else tuple(-v for v in form)
            if form not in forms:
                forms[form] = len(forms)
                rows.append([0] * (1 + len(lists)))
            rows[forms[form]][i] += e
        if not forms:
            refuse("no form vanishes")
        return list(forms), rows

    def chains(self, forms: list[Exponent], rows: list[list[int]]) -> list[tuple[Exponent, ...]]:
        """The rows along each maximal chain of flats; a flat is the set of forms that are combinations of some."""
        level: dict[int, tuple[list[Exponent], set[tuple[Exponent, ...]]]] = {0: ([], {()})}
        everything = (1 << len(forms)) - 1
        while everything not in level:
            above: dict[int, tuple[list[Exponent], set[tuple[Exponent, ...]]]] = {}
            for flat, (basis, chains) in level.items():
                seen = flat
                for i, form in enumerate(forms):
                    if seen >> i & 1:
                        continue
                    spanning = [*basis, form]
                    inside = [
                        k for k, other in enumerate(forms)
                        if flat >> k & 1 or rank([*spanning, other], self.meter) == len(spanning)
                    ]
                    larger = sum(1 << k for k in inside)
                    seen |= larger
                    row = tuple(map(sum, zip(*(rows[k] for k in inside), strict=True)))
                    row = (row[0] + len(basis), *row[1:])
                    self.meter.count(len(inside) * len(row) + len(chains) * len(row) * len(spanning))
                    above.setdefault(larger, (spanning, set()))[1].update((*chain, row) for chain in chains)
            level = above
        return sorted(level[everything][1])

    def step_polar(self, s: Stratum, data: object) -> Outcome:
        """K depends on the block, up to bounded factors, through its radius: p b_i^e for all i is p |b|^e.

        In polar coordinates the measure is r^{sum (h_i + 1) - 1} dr times a finite one on the sphere.
        """
        block = self.names(as_table(data, "the data", "block")["block"], "the block")
        if len(block) < 2:
            refuse("the block has fewer than two variables")
        for j in block:
            if (j not in s.near and j not in s.flat) or s.orders[j]:
                refuse(f"{self.ring.names[j]} is not near, or has an order")
        inside, gens = set(block), []
        for i, g in enumerate(s.gens):
            used = support(g) & inside
            if not used:
                gens.append(g)
                continue
            powers = {e[j] for e in g for j in used}
            if len(used) > 1 or len(powers) > 1:
                refuse(f"generator {i} is not a polynomial free of the block times a power of one variable in it")
            (j,), (a,) = used, powers
            p = lowered(g, {j: a})
            for k in block:
                if key(self.ring.mul(p, self.ring.monomial({k: a}))) not in s.gen_keys:
                    refuse(f"generator {i} is not there with {self.ring.names[k]} for {self.ring.names[j]}")
            if j == block[0]:
                gens.append(g)
        jacobian = [0 if j in inside else h for j, h in enumerate(s.jacobian)]
        jacobian[block[0]] = sum(s.jacobian[j] + 1 for j in block) - 1
        return self.replace(s, gens, jacobian=jacobian)

    def step_rotate(self, s: Stratum, data: object) -> Outcome:
        """Rotations keep the span of the generators, hence K up to bounded factors, and are SO(k) on the block.

        The block is turned to (r, 0, ..., 0); in polar coordinates its measure is r^{k-1} dr times the sphere's.
        """
        table = as_table(data, "the data", "block fields images")
        block = self.names(table["block"], "the block")
        if len(block) < 2:
            refuse("the block has fewer than two variables")
        fields = as_list(table["fields"], "the fields", len(block) - 1)
        images = as_list(table["images"], "the images", len(block) - 1)
        for b, field, image in zip(block[1:], fields, images, strict=True):
            turns = self.turns(s, field)
            if [turn for turn in turns if turn[0] in block or turn[1] in block] != [(block[0], b, Fraction(1))]:
                refuse(f"the field for {self.ring.names[b]} does not turn the block by this variable and the first")
            self.keeps_span(s, turns, image)
        gens = [self.ring.setting_zero(g, block[1:]) for g in s.gens]
        jacobian = [len(block) - 1 if j == block[0] else h for j, h in enumerate(s.jacobian)]
        return self.replace(s, gens, jacobian=jacobian)

    def step_diagonal(self, s: Stratum, data: object) -> Outcome:
        """Rotations of rows and of columns leave singular values a_1 >= ... >= a_p of the matrix, p <= q.

        Their density is at most the monomial of these Jacobian orders, and comparable to it where ``a_{i+1} <= a_i/2``,
        where they may be moved since K does not fall as one of them grows.
        """
        table = as_table(data, "the data", "matrix fields images")
        rows = [self.names(row, "a row of the matrix") for row in as_list(table["matrix"], "the matrix")]
        p, q = len(rows), len(rows[0]) if rows else 0
        if not 2 <= p <= q or any(len(row) != q for row in rows):
            refuse("the matrix has fewer than two rows, more rows than columns, or rows of several lengths")
        inside = [j for row in rows for j in row]
        if len(set(inside)) < len(inside):
            refuse("a variable stands twice in the matrix")
        wanted = [{(rows[0][c], rows[b][c], Fraction(1)) for c in range(q)} for b in range(1, p)]
        wanted += [{(rows[r][0], rows[r][b], Fraction(1)) for r in range(p)} for b in range(1, q)]
        fields = as_list(table["fields"], "the fields", p + q - 2)
        images = as_list(table["images"], "the images", p + q - 2)
        for want, field, image in zip(wanted, fields, images, strict=True):
            turns = self.turns(s, field)
            within = [turn for turn in turns if turn[0] in inside or turn[1] in inside]
            if len(within) != len(want) or set(within) != want:
                refuse("a field does not turn the matrix by two of its rows or columns")
            self.keeps_span(s, turns, image)
        gens = [self.ring.setting_zero(g, [rows[r][c] for r in range(p) for c in range(q) if r != c]) for g in s.gens]
        if any(len({tuple(e[rows[r][r]] for r in range(p)) for e in g}) > 1 for g in gens):
            refuse("a generator has several exponents in the diagonal")
        jacobian = list(s.jacobian)
        for r in range(p):
            jacobian[rows[r][r]] = q - p + 2 * (p - 1 - r)
        return self.replace(s, gens, jacobian=jacobian)

    def step_orthogonal(self, s: Stratum, data: object) -> Outcome:
        """Each pair of p rows of k coordinates has a generator a_i^T (W + small) a_j, W definite.

        Blow up all rows again and again: those that are not 0 at a common zero are orthogonal, so that they are at most
        k, and the generators that have one of them are coordinates. Others of order 3 in the rows leave m if k = p - 1.
        """
        table = as_table(data, "the data", "rows pairs")
        self.require(s, "orders")
        rows = [self.names(row, "a row") for row in as_list(table["rows"], "the rows")]
        p, k = len(rows), len(rows[0]) if rows else 0
        inside = {j for row in rows for j in row}
        if p < 2 or not 1 <= k <= 12 or any(len(row) != k for row in rows) or len(inside) != p * k:
            refuse("there are fewer than two rows, or not of one length from 1 to 12, or with a variable in common")
        if any(j not in s.near or s.jacobian[j] for j in inside):
            refuse("a variable of a row is not near 0, or has a Jacobian order")
        numbers = [self.generator(s.gens, i) for i in as_list(table["pairs"], "the pairs")]
        if len(set(numbers)) != len(numbers) or len(numbers) != p * (p - 1) // 2:
            refuse("the pairs of rows do not have a generator each")
        if any(not support(g) <= {*s.near} for g in s.gens):
            refuse("a generator has a variable that is not near 0")
        forms = [self.form_of_rows(s.gens[i], a, b)
                 for i, (a, b) in zip(numbers, combinations(rows, 2), strict=True)]
        form = forms[0]
        if any(other != form for other in forms):
            refuse("two pairs of rows have forms that are not multiples of each other")
        if any(form[i][j] != form[j][i] for i in range(k) for j in range(i)):
            refuse("the form of the rows is not symmetric")
        if any(pivot <= 0 for pivot in self.pivots_of(form)):
            refuse("the form of the rows is not definite")
        self.meter.count(sum(map(len, s.gens)) * p * k)
        others = [g for i, g in enumerate(s.gens) if i not in numbers]
        fewest = min((sum(e[j] for j in inside) for g in others for e in g), default=3)
        pair = (Fraction(p * min(k, p - 1), 4), p if k == p - 1 else 1)
        if not others or (k == p - 1 and fewest >= 3) or (k < p - 1 and fewest >= 2):
            return leaf(pair, pair)
        return leaf(pair, (pair[0], 1) if k == p - 1 and fewest == 2 else None)

    def step_vandermonde(self, s: Stratum, data: object) -> Outcome:
        """The generators are the sums over h of a_ih b_h^(s + Q n), all i <= M and n < H, and perhaps further n.

        s >= 0, and H < Q (H - 1) if s = 0. For fixed b the volume of a is an M-th power of min_n e^n / (the largest
        n-minor of a Vandermonde matrix); the orders of b in e at which its integral over b is largest give lambda:
        e^(H t + M max_n (n - d_n t)) at one t.
        """
        table = as_table(data, "the data", "units weights stride")
        self.require(s, "orders")
        b = self.names(table["units"], "the units")
        outputs = [self.names(row, "the weights of an output") for row in as_list(table["weights"], "the weights")]
        q = as_int(table["stride"], "the stride", 1)
        involved = {*b, *(j for row in outputs for j in row)}
        if not b or not outputs or len(involved) != len(b) * (1 + len(outputs)) or any(
                len(row) != len(b) for row in outputs):
            refuse("units and their weights, one for each output, are not distinct, or there are none")
        if any(j not in s.near or s.jacobian[j] for j in involved):
            refuse("a unit or a weight is not near 0, or has a Jacobian order")
        known = set()
        for i, g in enumerate(s.gens):
            self.meter.count(len(g) * len(outputs))
            power = max(sum(e) for e in g) - 1
            if len(set(g.values())) > 1:
                refuse(f"generator {i} has several coefficients")
            factors = {frozenset((j, v) for j, v in enumerate(e) if v) for e in g}
            which = [k for k, row in enumerate(outputs) if factors == {
                frozenset([(a, 1), (unit, power)] if power else [(a, 1)]) for a, unit in zip(row, b, strict=True)}]
            if not which:
                refuse(f"generator {i} is no sum over the units of a weight times a power")
            known.add((which[0], power))
        h, m, least = len(b), len(outputs), min((power for _, power in known), default=0)
        if any((power - least) % q for _, power in known):
            refuse("a generator has a power that the stride does not give")
        self.meter.count(h * m)
        if not known >= {(i, least + q * n) for i in range(m) for n in range(h)}:
            refuse("an output lacks one of as many powers as there are units")
        if not least and h >= q * (h - 1):
            refuse("with the power 0 the units are too few for the stride")
        corners = [Fraction(1, least + k * q) for k in range(h + 1) if least + k]
        self.meter.count(h * h)
        values = [h * t + m * max(k - (least * k + q * k * (k - 1) // 2) * t for k in range(h + 1)) for t in corners]
        pair = (min(values) / 2, values.count(min(values)))
        return leaf(pair, pair)

    @staticmethod
    def form_of_rows(g: Poly, a: list[int], b: list[int]) -> list[list[Fraction]]:
        """The quadratic part of a generator in two rows, which are in each of its terms, divided by its first entry."""
        form = [[Fraction(0)] * len(b) for _ in a]
        for e, c in g.items():
            left, right = [i for i, j in enumerate(a) if e[j]], [i for i, j in enumerate(b) if e[j]]
            if not left or not right:
                refuse("a generator of a pair of rows has a term without a variable of both")
            if sum(e) == 2:
                form[left[0]][right[0]] = Fraction(c)
        if not form[0][0]:
            refuse("the form of the rows is not definite: its first entry is 0")
        return [[entry / form[0][0] for entry in row] for row in form]

    def pivots_of(self, form: list[list[Fraction]]) -> list[Fraction]:
        """Of Gauss' elimination of a symmetric matrix, up to the first that is not positive."""
        rows, found = [list(row) for row in form], []
        for i, row in enumerate(rows):
            found.append(row[i])
            if row[i] <= 0:
                break
            for other in rows[i + 1:]:
                factor = other[i] / row[i]
                self.meter.fractions(*row, factor)
                for j in range(i, len(row)):
                    other[j] -= factor * row[j]
        return found

    def step_flow(self, s: Stratum, data: object) -> Outcome:
        """Fields keep the ideal and the coordinate hyperplanes with orders, and move off a coordinate subspace.

        Their flows from it are coordinates there, in which generators change by an invertible matrix.
        """
        table = as_table(data, "the data", "names fields images")
        across = self.names(table["names"], "the names")
        if not across:
            refuse("no variable is named")
        for j in across:
            if (j not in s.near and j not in s.flat) or s.orders[j] or s.jacobian[j]:
                refuse(f"{self.ring.names[j]} is not near, or has an order or Jacobian order")
        fields = as_list(table["fields"], "the fields", len(across))
        images = as_list(table["images"], "the images", len(across))
        one = self.ring.number(1)
        for b, field, image in zip(across, fields, images, strict=True):
            speeds = self.speeds(s, field)
            for j in across:
                if self.restricted(s, speeds.get(j, {})) != (one if j == b else {}):
                    refuse(f"the field for {self.ring.names[b]} moves {self.ring.names[j]} at another speed")
            self.keeps_ideal(s, speeds, image)
        return self.replace(s, [self.ring.setting_zero(g, across) for g in s.gens])

    def speeds(self, s: Stratum, data: object) -> dict[int, Poly]:
        """What a field makes of the coordinates; those with orders become multiples of themselves."""
        found: dict[int, Poly] = {}
        for entry in as_list(data, "a field"):
            name, text = as_list(entry, "a speed", 2)
            j, speed = self.coordinate(s, name), self.ring.read(text, "a speed")
            if (s.orders[j] or s.jacobian[j]) and self.ring.setting_zero(speed, [j]):
                refuse(f"a field moves {self.ring.names[j]}, which has an order, off 0")
            found[j] = self.ring.add(found.get(j, {}), speed)
        return found

    def keeps_ideal(self, s: Stratum, speeds: dict[int, Poly], data: object) -> None:
        """The field maps each generator to the combination of generators that is listed."""
        ring = self.ring
        left: list[Poly] = [{} for _ in s.gens]
        for i, g in enumerate(s.gens):
            for j, speed in speeds.items():
                left[i] = ring.add(left[i], ring.mul(speed, ring.derivative(g, j)))
        for entry in as_list(data, "the images of a field"):
            first, second, text = as_list(entry, "an image", 3)
            i, j = self.generator(s.gens, first), self.generator(s.gens, second)
            left[i] = ring.add(left[i], ring.mul(ring.read(text, "the factor of an image"), s.gens[j]), -1)
        for i, rest in enumerate(left):
            if rest:
                refuse(f"generator {i} does not become the combination listed")

    def turns(self, s: Stratum, data: object) -> list[tuple[int, int, Fraction]]:
        """The pairs of near variables, without order and Jacobian order, that a field turns, with its speeds."""
        found = []
        for entry in as_list(data, "a field"):
            *pair, speed = as_list(entry, "a pair of a field", 3)
            p, q = self.names(pair, "a pair of a field")
            for j in (p, q):
                if (j not in s.near and j not in s.flat) or s.orders[j] or s.jacobian[j]:
                    refuse(f"{self.ring.names[j]} is not near, or has an order or Jacobian order")
            found.append((p, q, as_rational(speed, "a speed")))
        return found

    def keeps_span(self, s: Stratum, turns: list[tuple[int, int, Fraction]], data: object) -> None:
        """The field maps each generator to the combination of generators that is listed."""
        ring = self.ring
        left: list[Poly] = [{} for _ in s.gens]
        for i, g in enumerate(s.gens):
            for p, q, speed in turns:
                for a, b, sign in ((p, q, speed), (q, p, -speed)):
                    turned = ring.mul(ring.variable(a), ring.derivative(g, b))
                    left[i] = ring.add(left[i], scale(turned, sign))
        for entry in as_list(data, "the images of a field"):
            first, second, factor = as_list(entry, "an image", 3)
            i, j = self.generator(s.gens, first), self.generator(s.gens, second)
            left[i] = ring.add(left[i], scale(s.gens[j], as_rational(factor, "the factor of an image")), -1)
        for i, rest in enumerate(left):
            if rest:
                refuse(f"generator {i} does not become the combination listed")

    def face_entries(self, faces: list[Face], data: object, n: int) -> dict[tuple[Exponent, ...], dict[str, Any]]:
        """The entries by the exponents of the compact faces that they name."""
        known, found = {f.exponents for f in faces}, {}
        for entry in as_list(data, "the faces"):
            table = as_table(entry, "an entry of the faces")
            given = as_list(table.get("exponents"), "the exponents of a face")
            exponents = tuple(sorted({as_exponent(e, n, "an exponent") for e in given}))
            if len(exponents) < len(given):
                refuse("a face lists an exponent twice")
            if exponents not in known or exponents in found:
                refuse(f"{shown(exponents)} is no compact face, or given twice")
            found[exponents] = table
        return found

    def forms(self, s: Stratum, polys: Sequence[Poly], active: list[int]) -> list[dict[Exponent, Poly]]:
        """The terms of each polynomial by their exponents in active variables, on the stratum."""
        near = [j for j in [*s.near, *s.flat] if j not in active]
        found: list[dict[Exponent, Poly]] = []
        for f in polys:
            parts: dict[Exponent, Poly] = {}
            for e, v in self.on(f, near, s.q).items():
                parts.setdefault(tuple([e[j] for j in active]), {})[e] = v
            found.append(parts)
        return found

    def active_domain(self, s: Stratum, active: list[int]) -> Domain:
        """The points at which the units and the active variables are nonzero."""
        return Domain([*s.units, *(self.ring.variable(j) for j in active)])

    def step_definite(self, s: Stratum, data: object) -> Outcome:
        """|f| is comparable to the sum of the monomials at its vertices, which take its place.

        The form of f on no compact face vanishes where no active variable does; then so is the square of p f to the sum
        of the squares of the p x^a.
        """
        table = as_table(data, "the data", "generator factor faces")
        i, f = self.generator(s.gens, table["generator"]), self.ring.read(table["factor"], "the factor")
        p = self.ring.divide(s.gens[i], f) if f else None
        if p is None:
            refuse(f"the factor does not divide generator {i}")
        monomials = [self.ring.monomial(powers) for powers in self.vertices_of_a_definite(s, f, table["faces"])]
        others = [g for k, g in enumerate(s.gens) if k != i]
        return self.replace(s, [*others, *(self.ring.mul(p, v) for v in monomials)])

    def vertices_of_a_definite(self, s: Stratum, f: Poly, listed: object) -> list[dict[int, int]]:
        """The vertices of the Newton polyhedron of f, by powers of active variables; refused if a form may vanish."""
        active = [j for j in s.near if j in support(f)]
        if not active:
            refuse("the factor involves no near variable")
        parts = self.forms(s, [f], active)[0]
        points = {tuple([e[j] for j in active]) for e in f}
        faces = Polyhedron(points, len(active), self.meter).faces()
        entries = self.face_entries(faces, listed, len(active))
        domain = self.active_domain(s, active)
        vertices = []
        for face in faces:
            form = {e: v for a in face.exponents for e, v in parts.get(a, {}).items()}
            entry = entries.get(face.exponents)
            proof = "even" if entry is None else as_table(entry, "an entry", "exponents nonzero")["nonzero"]
            self.nonzero(form, domain, s.q, proof, f"the form on the face {shown(face.exponents)}")
            if len(face.exponents) == 1:
                vertices.append(dict(zip(active, face.exponents[0], strict=True)))
        return vertices

    def step_dominate(self, s: Stratum, data: object) -> Outcome:
        """f, a sum of multiples of products of two generators, is at most a multiple of their squares' sum.

        If it is definite, so is each x^a at a vertex, and the square of x^b for b >= a / 2.
        """
        table = as_table(data, "the data", "products faces")
        f: Poly = {}
        for entry in as_list(table["products"], "the products"):
            first, second, text = as_list(entry, "a product", 3)
            i, j = self.generator(s.gens, first), self.generator(s.gens, second)
            pair = self.ring.mul(s.gens[i], s.gens[j])
            f = self.ring.add(f, self.ring.mul(self.ring.read(text, "a multiple"), pair))
        vertices = self.vertices_of_a_definite(s, f, table["faces"])
        halves = [{j: e // 2 + e % 2 for j, e in powers.items()} for powers in vertices]
        return self.replace(s, [*s.gens, *(self.ring.monomial(powers) for powers in halves)])

    def step_eliminate(self, s: Stratum, data: object) -> Outcome:
        """g_i = A x_j + B is a coordinate b where it vanishes, and K is comparable to b^2 + (the others at b = 0).

        That is a sum in separate variables. Elsewhere K is a unit.
        """
        table = as_table(data, "the data", "generator variable nonzero")
        self.require(s, "orders")
        ring, i, j = self.ring, self.generator(s.gens, table["generator"]), self.coordinate(s, table["variable"])
        if s.jacobian[j]:
            refuse(f"{ring.names[j]} has a Jacobian order")
        parts = ring.by_powers(s.gens[i], j)
        if max(parts) != 1:
            refuse(f"generator {i} is not linear in {ring.names[j]}")
        a, b = parts[1], parts.get(0, {})
        a_on, b_on = self.restricted(s, a), self.restricted(s, b)
        self.nonzero(a_on, s.domain, s.q, table["nonzero"], f"the coefficient of {ring.names[j]}")
        units = s.units
        if j in s.free:
            units = [ring.substitute(u, j, scale(b_on, -1), a_on) for u in units]
        elif b_on:
            refuse(f"generator {i} does not vanish on the stratum")
        gens = [ring.substitute(g, j, scale(b, -1), a) for k, g in enumerate(s.gens) if k != i]
        child = s.derived(gens=gens, units=[*units, a_on], near={*s.near, *s.flat, j})

        def raised(pair: Pair) -> Pair:
            return None if pair is None else (pair[0] + Fraction(1, 2), pair[1])

        return [child], lambda brackets: (raised(brackets[0][0]), raised(brackets[0][1]))

    def step_contract(self, s: Stratum, data: object) -> Outcome:
        """The germs at the points t^w a are equivalent for t > 0 and tend to one where the weighted variables are 0.

        The pair there is at most that at a. It is a point of the stratum if no unit was dropped.
        """
        weights = self.weights(as_table(data, "the data", "weights")["weights"], "the weights")
        if self.constant(s) & set(weights):
            refuse("the constant has a weight")
        moved = {j for j in s.free if j in weights}
        if not moved:
            refuse("no free variable has a weight")
        for i, g in enumerate(s.gens):
            if not quasi_homogeneous(g, weights):
                refuse(f"generator {i} is not quasi-homogeneous")
        units = [u for u in s.units if not support(u) & moved]
        child = s.derived(near={*s.near, *s.flat, *moved}, units=units)
        whole = len(units) == len(s.units)
        return [child], lambda brackets: (brackets[0][0], brackets[0][1] if whole else None)

    # unions

    def step_coordinates(self, s: Stratum, data: object) -> Outcome:
        """Where the g vanish they are coordinates in the place of r variables, which K does not see otherwise.

        So K = x^{2k} (sum of r squares of coordinates + sum h^2) there; elsewhere K >= c x^{2k}, with no smaller pair.
        """
        table = as_table(data, "the data", "generators names minors empty zero")
        numbers = [self.generator(s.gens, i) for i in as_list(table["generators"], "the numbers of generators")]
        r, ring = len(numbers), self.ring
        if not r or len(set(numbers)) < r:
            refuse("no generator is listed, or one twice")
        own, others = [s.gens[i] for i in numbers], [g for i, g in enumerate(s.gens) if i not in numbers]
        seen = set().union(*map(support, others)) if others else set()
        if seen & set(s.free):
            refuse("another generator involves a free variable")
        plain = {j for j in (*s.near, *s.flat) if not s.orders[j] and not s.jacobian[j]}
        replaced = {*s.free, *(plain - seen)}
        new = self.names(table["names"], "the names of the coordinates")
        if len(new) != r or not set(new) <= replaced:
            refuse("the names are not those of as many variables that may be replaced")
        forms = [self.restricted(s, g) for g in own]
        for listed in as_list(table["minors"], "the minors"):
            columns = self.names(listed, "the columns of a minor")
            if len(columns) != r or columns != sorted(columns) or not set(columns) <= replaced:
                refuse("the columns of a minor are not as many variables that may be replaced, in order")
            rows = [[self.restricted(s, ring.derivative(g, j)) for j in columns] for g in own]
            forms.append(determinant(rows, ring))
        self.empty(forms, s.domain, s.q, table["empty"], "the generators with their minors")
        attained = table["zero"] is not None
        if attained:
            self.common_zero(s, own, table["zero"])
        child = s.derived(gens=[*(ring.variable(j) for j in new), *others], units=[],
                          near={*s.near, *s.flat, *replaced})
        return [child], lambda brackets: (brackets[0][0], brackets[0][1] if attained else None)

    def common_zero(self, s: Stratum, own: Sequence[Poly], zero: object) -> None:
        """A rational point of the stratum where these vanish, given by the free variables."""
        given = as_dict(zero, "the common zero")
        if s.q is not None or set(given) != {self.ring.names[j] for j in s.free}:
            refuse("a common zero needs all free variables, and no constant")
        point = [as_rational(given[name], "a coordinate") if name in given else Fraction(0) for name in self.ring.names]
        if any(not self.ring.evaluate(u, point) for u in s.units):
            refuse("a unit vanishes at the common zero")
        if any(self.ring.evaluate(g, point) for g in own):
            refuse("the common zero is none")

    def step_split(self, s: Stratum, data: object) -> Outcome:
        """A free variable is 0 or not."""
        j = self.coordinate(s, as_table(data, "the data", "variable")["variable"])
        if j not in s.free:
            refuse(f"{self.ring.names[j]} is not free")
        zero = s.derived(near={*s.near, *s.flat, j})
        return [zero, s.derived(units=[*s.units, self.ring.variable(j)])], best_of

    def step_algebraic(self, s: Stratum, data: object) -> Outcome:
        """A free variable is a root of an irreducible polynomial (c + x_j, x_j near) or not."""
        table = as_table(data, "the data", "variable polynomial constant")
        ring, j = self.ring, self.ring.number_of(table["variable"], "the variable")
        c = ring.number_of(table["constant"], "the constant")
        if s.q is not None or c != self.c or c not in s.flat:
            refuse("there is a constant already, or it is not that of the certificate, or its name is not flat")
        if j not in s.free:
            refuse(f"{ring.names[j]} is not free")
        p = ring.read(table["polynomial"], "the polynomial")
        if support(p) != {j}:
            refuse(f"the polynomial is not one in {ring.names[j]} alone")
        q = self.known({next(iter(ring.monomial({c: e[j]}))): v for e, v in p.items()})
        by = ring.variable(c)
        near = ({*s.near, *s.flat} - {c}) | {j}
        at = s.derived(
            gens=[self.shifted(g, j, by) for g in s.gens],
            units=[self.shifted(u, j, by) for u in s.units],
            near=near,
            q=q,
        )
        return [at, s.derived(units=[*s.units, p])], best_of

    def step_blowup(self, s: Stratum, data: object) -> Outcome:
        """The weighted blow-up along near variables, the centre, by the charts b_i = +-t^{w_i}, b_l = t^{w_l} b_l.

        A point of the exceptional divisor is in the chart of its first nonzero coordinate: earlier ones are 0 there.
        Later ones are free; those with orders are 0 or not. The map is proper, so v is the least pair over these
        points.
        """
        given = as_list(as_table(data, "the data", "weights")["weights"], "the weights")
        pairs = [as_list(entry, "a weight", 2) for entry in given]
        centre = self.names([name for name, _ in pairs], "the centre")
        w = {j: as_int(weight, "a weight", 1) for j, (_, weight) in zip(centre, pairs, strict=True)}
        near = {*s.near, *s.flat}
        if len(centre) < 2 or not set(centre) <= near:
            refuse("the centre has fewer than two variables, or one that is not near")
        k_t = sum(w[j] * s.orders[j] for j in centre)
        h_t = sum(w[j] * (s.jacobian[j] + 1) for j in centre) - 1
        children = []
        for place, pivot in enumerate(centre):
            later = centre[place + 1 :]
            marked = [j for j in later if s.orders[j] or s.jacobian[j]]
            plain = set(later) - set(marked)
            for sign in (1, -1) if w[pivot] % 2 == 0 else (1,):
                gens = [self.in_chart(g, {pivot: w}, {pivot} if sign < 0 else set()) for g in s.gens]
                self.meter.count(self.child_cost() << min(len(marked), 64))
                for pattern in product((False, True), repeat=len(marked)):
                    nonzero = {j for j, is_nonzero in zip(marked, pattern, strict=True) if is_nonzero}
                    away = nonzero | plain
                    orders = [0 if j in away else k for j, k in enumerate(s.orders)]
                    jacobian = [0 if j in away else h for j, h in enumerate(s.jacobian)]
                    orders[pivot], jacobian[pivot] = k_t, h_t
                    units = [*s.units, *(self.ring.variable(j) for j in sorted(nonzero))]
                    children.append(s.derived(
                        gens=gens, near=near - away, orders=orders, jacobian=jacobian, units=units
                    ))
        return children, best_of

    def child_cost(self) -> int:
        """The work that every child costs before anything is computed in it."""
        return 64 + self.ring.n

    def in_chart(self, f: Poly, rays: dict[int, dict[int, int]], negative: set[int]) -> Poly:
        """x_j = s_j prod_t t^{rays[t][j]} y_j, where y_j = 1 for the t's and s_j = -1 for the negative ones."""
        self.ring.count(len(f) * (1 + len(rays)))
        found: Poly = {}
        lines = [(t, list(row.items())) for t, row in rays.items()]
        for e, v in f.items():
            new = list(e)
            for t, row in lines:
                new[t] = sum([a * e[j] for j, a in row])
            at = tuple(new)
            found[at] = found.get(at, 0) + (-v if sum(e[j] for j in negative) % 2 else v)
        return {e: v for e, v in found.items() if v}

    def torus_charts(self, s: Stratum, active: list[int], cone: Sequence[Exponent]) -> list[Derived]:
        """The strata over the orbit of a cone, all real points of the torus near it, by signs.

        The pivots' rows and columns have full rank, so positive coordinates of pivots are monomials in positive t's;
        for signs, changing those of the t's moves within a class modulo the rows, and one vector of each class is
        taken.
        """
        size = len(cone)
        pivots = self.pivots(cone, [[a % 2 for a in w] for w in cone])
        if len(pivots) < size:
            pivots = self.independent_columns(cone)
        rows = {active[p]: dict(zip(active, w, strict=True)) for p, w in zip(pivots, cone, strict=True)}
        basis: list[list[int]] = []
        for w in cone:
            row = [w[p] % 2 for p in pivots]
            for vector in basis:
                if row[vector.index(1)]:
                    row = [a ^ b for a, b in zip(row, vector, strict=True)]
            if any(row):
                basis.append(row)
        fixed = {vector.index(1) for vector in basis}
        self.meter.count(self.child_cost() << (size - len(fixed)))
        names = {active[p] for p in pivots}
        away = [j for j in active if j not in names]
        orders, jacobian = list(s.orders), list(s.jacobian)
        for t, row_of in rows.items():
            orders[t] = sum(a * s.orders[j] for j, a in row_of.items())
            jacobian[t] = sum(a * (s.jacobian[j] + 1) for j, a in row_of.items()) - 1
        for j in away:
            orders[j] = jacobian[j] = 0
        units = [*s.units, *(self.ring.variable(j) for j in away)]
        near = {*s.near, *s.flat} - set(away)
        children = []
        for signs in product(*((0,) if place in fixed else (0, 1) for place in range(size))):
            negative = {active[p] for p, sign in zip(pivots, signs, strict=True) if sign}
            gens = [self.in_chart(g, rows, negative) for g in s.gens]
            children.append(s.derived(gens=gens, near=near, orders=orders, jacobian=jacobian, units=units))
        return children

    def pivots(self, cone: Sequence[Exponent], parities: list[list[int]]) -> list[int]:
        """The columns, in order, that raise the rank modulo 2."""
        basis: list[int] = []
        chosen = []
        for j in range(len(cone[0])):
            self.meter.count(len(cone))
            column = sum(row[j] << place for place, row in enumerate(parities))
            for vector in basis:
                column = min(column, column ^ vector)
            if column:
                basis.append(column)
                basis.sort(reverse=True)
                chosen.append(j)
        return chosen

    def independent_columns(self, cone: Sequence[Exponent]) -> list[int]:
        """The columns, in order, that raise the rank over Q."""
        chosen: list[int] = []
        for j in range(len(cone[0])):
            if rank([[w[i] for w in cone] for i in [*chosen, j]], self.meter) > len(chosen):
                chosen.append(j)
        return chosen

    def orders_on(self, s: Stratum, active: list[int], face: Face) -> list[Pair]:
        """M: the pairs of t^{2k'} |t|^{h'} for the rays of a face, and of the near variables that are not active.

        The least of the rays counts as often as independent rays attain it.
        """
        pairs: list[Pair] = []
        attained: dict[Fraction, list[Exponent]] = {}
        a = face.exponents[0]
        for w in face.rays:
            k = sum(v * (s.orders[j] + b) for v, j, b in zip(w, active, a, strict=True))
            if k:
                h = sum(v * (s.jacobian[j] + 1) for v, j in zip(w, active, strict=True))
                attained.setdefault(Fraction(h, 2 * k), []).append(w)
        if attained:
            low = min(attained)
            pairs.append((low, rank(attained[low], self.meter)))
        pairs += [
            (Fraction(s.jacobian[j] + 1, 2 * s.orders[j]), 1) for j in s.near if j not in active and s.orders[j]
        ]
        return pairs

    def step_newton(self, s: Stratum, data: object) -> Outcome:
        """The least of the pairs on the orbits of the toric variety of the Newton polyhedron's normal fan.

        The points over 0 lie in the orbits of the cones that meet the open orthant, one compact face for each; there K
        = t^{2k'} (sum of the squares of the forms on the face + O(t)). So v is the least of the pairs there; where no
        form vanishes they are at least the monomial bound, which is an upper bound as well. Each face has an argument
        for the points where all forms vanish.
        """
        table = as_table(data, "the data", "optimum faces")
        self.require(s, "generators")
        occurring = set().union(*map(support, s.gens))
        active = [j for j in s.near if j in occurring]
        bound = self.monomial_bound(s, table["optimum"])
        if table["faces"] == [] and all(len(g) == 1 and support(g) <= {*s.near} for g in s.gens):
            return [], lambda _: (bound, bound)  # a monomial on each face, whose form is even
        polyhedron = Polyhedron((tuple(e[j] for j in active) for g in s.gens for e in g), len(active), self.meter)
        faces = polyhedron.faces()
        entries = self.face_entries(faces, table["faces"], len(active))
        domain, parts = self.active_domain(s, active), self.forms(s, s.gens, active)
        lowers, uppers, children = [bound], [bound], []
        by_exponents = {face.exponents: face for face in faces}

        def forms_on(face: Face) -> list[Poly]:
            self.meter.count(len(face.exponents) * len(parts))
            return [{e: v for a in face.exponents for e, v in part.get(a, {}).items()} for part in parts]

        for face in faces:
            if face.exponents not in entries and not any(self.even(f, domain) for f in forms_on(face)):
                refuse(f"the face {shown(face.exponents)} has no entry, and no even form")
        for exponents, entry in entries.items():
            face = by_exponents[exponents]
            what, argument = f"the face {shown(exponents)}", entry.get("argument")
            if argument == "charts" and len(exponents) == 1:
                refuse(f"{what} has one exponent, so no charts")
            if argument == "empty":
                as_table(entry, what, "exponents argument proof")
                self.empty(forms_on(face), domain, s.q, entry["proof"], what)
            elif argument == "smooth":
                as_table(entry, what, "exponents argument rank proof")
                r = as_int(entry["rank"], f"the rank on {what}", 1)
                coordinates = sorted([*active, *s.free])
                self.independent(forms_on(face), r, coordinates, domain, s.q, entry["proof"], what)
                lowers.append(product_of([*self.orders_on(s, active, face), (Fraction(r, 2), 1)]))
            elif argument == "crossing":
                lower, upper = self.crossing(s, active, face, domain, entry, what)
                lowers.append(lower)
                uppers.append(upper)
            elif argument == "charts":
                as_table(entry, what, "exponents argument")
                for cone in polyhedron.cones(face):
                    children += self.torus_charts(s, active, cone)
            else:
                refuse(f"{what}: no argument {shown(argument)}")
        return children, lambda brackets: (
            least([*lowers, *(b[0] for b in brackets)]), least([*uppers, *(b[1] for b in brackets)])
        )

    def crossing(
        self, s: Stratum, active: list[int], face: Face, domain: Domain, entry: dict[str, Any], what: str
    ) -> Bracket:
        """The bracket of a face whose generator is a product of powers of factors that cross normally there.

        Where the initial forms of a set vanish they are coordinates b_l, and K = t^{2k'} prod b_l^{2 e_l} up to units.
        Where one changes sign, K is at most (a constant times) t^{2k'} b^{2 e_l} for some coordinate b: an upper bound.
        """
        ring = self.ring
        as_table(entry, what, "exponents argument factors subsets zeros")
        self.require(s, "single")
        factors = self.factors(entry["factors"], f"the factors on {what}", 2)
        if not self.equal(s.gens[0], ring.product(ring.power(f, e) for f, e, _ in factors)):
            refuse(f"{what}: the generator is not the product of the factors")
        weight = {j: sum(w[i] for w in face.rays) for i, j in enumerate(active)}
        initial = [self.restricted_but(s, initial_form(f, weight), active) for f, _, _ in factors]
        coordinates = sorted([*active, *s.free])
        empty: list[set[int]] = []
        independent: set[tuple[int, ...]] = set()
        for item in as_list(entry["subsets"], f"the subsets on {what}"):
            table = as_table(item, f"a subset on {what}", "of argument proof")
            of = [as_int(i, f"a subset on {what}") for i in as_list(table["of"], f"a subset on {what}")]
            if not of or of != sorted(set(of)) or of[-1] >= len(factors):
                refuse(f"{what}: {shown(of)} is no increasing list of numbers of factors")
            name = f"the factors {of} on {what}"
            if tuple(of) in independent or set(of) in empty:
                refuse(f"{name}: given twice")
            forms = [initial[i] for i in of]
            if table["argument"] == "empty":
                self.empty(forms, domain, s.q, table["proof"], name)
                empty.append(set(of))
            elif table["argument"] == "independent":
                self.independent(forms, len(of), coordinates, domain, s.q, table["proof"], name)
                independent.add(tuple(of))
            else:
                refuse(f"{name}: no argument {shown(table['argument'])}")
        self.meter.count(1 << min(len(factors), 64))
        for k in range(1, len(factors) + 1):
            for subset in combinations(range(len(factors)), k):
                if subset not in independent and not any(e <= set(subset) for e in empty):
                    refuse(f"{what}: nothing is shown about the factors {list(subset)}")
        orders = self.orders_on(s, active, face)
        ends: list[Pair] = [(Fraction(1, 2 * e), 1) for _, e, _ in factors]
        lower = least(product_of([*orders, *(ends[i] for i in subset)]) for subset in independent)
        uppers: list[Pair] = [None]
        for item in as_list(entry["zeros"], f"the zeros on {what}"):
            number, *given = as_list(item, f"a zero on {what}", 3)
            i = self.generator(initial, number, f"the number of a factor on {what}")
            if s.q is not None:
                refuse(f"{what}: zeros, but there is a constant")
            a, b = [[as_rational(v, "a coordinate") for v in as_list(p, "a point", ring.n)] for p in given]
            if any((a[j] * b[j] <= 0) if j in active else a[j] != b[j] for j in range(ring.n)):
                refuse(f"{what}: the points of a zero are not in one orthant, or differ in another variable")
            if any(not ring.evaluate(u, a) for u in s.units):
                refuse(f"{what}: a unit vanishes at the points of a zero")
            if not ring.evaluate(initial[i], a) * ring.evaluate(initial[i], b) < 0:
                refuse(f"{what}: the initial form of factor {i} has not opposite signs at the points")
            uppers.append(product_of([*orders, ends[i]]))
        return lower, least(uppers)

    def restricted_but(self, s: Stratum, f: Poly, active: list[int]) -> Poly:
        """f with the near variables that are not active set to 0, modulo q."""
        return self.on(f, [j for j in [*s.near, *s.flat] if j not in active], s.q)


# ------------------------------------------------------------------------------------------------------------- the tree


@dataclass(frozen=True)
class Statement:
    """What an accepted certificate proves; the polynomials are printed from what was read."""

    variables: tuple[str, ...]
    generators: tuple[str, ...]
    point: str
    function: bool
    lower: Pair
    upper: Pair
    measure: str = ""

    def lines(self) -> list[str]:
        """What is printed of an accepted certificate, in three lines."""
        number = len(self.generators)
        what = "the function" if self.function else f"the sum of squares of {number} polynomial{'s' * (number != 1)}:"
        low, high = ("infinity" if p is None else f"({p[0]}, {p[1]})" for p in (self.lower, self.upper))
        pair = f"(lambda, m) = {low}" if low == high else f"{low} <= (lambda, m) <= {high}"
        what = f"accepted: {what} {', '.join(self.generators) or '0'}"
        return [what, f"  at {self.point}{self.measure}", f"  {pair}"]


def as_pair_text(pair: Pair) -> list[Any] | None:
    """The pair as a certificate writes it: ``["a/b", m]``, None for infinity."""
    if pair is not None and max(pair[0].numerator, pair[0].denominator).bit_length() > 3400:
        raise OverBudget(f"a lambda of more than {MAX_DIGITS} digits")
    return None if pair is None else [str(pair[0]), pair[1]]


def check_bracket(stated: object, derived: Bracket) -> None:
    """The bracket as it is stated is the one derived."""
    ends = as_list(stated, "the bracket", 2)
    for end, pair, name in zip(ends, derived, ("lower", "upper"), strict=True):
        if end is not None:
            text, m = as_list(end, f"the {name} end", 2)
            as_text(text, f"the {name} end's lambda")
            as_int(m, f"the {name} end's m", 1)
        if end != as_pair_text(pair):
            refuse(f"the {name} end is stated as {shown(end)}, derived as {shown(as_pair_text(pair))}")


class Verifier(Steps):
    """The tree and its lemmas."""

    def node(self, data: object, derived: Derived | None, path: str, depth: int) -> tuple[Stratum | None, Bracket]:
        """The bracket of a node whose stratum is to be the derived one (for a lemma: the one that it states)."""
        step: object = None
        if depth > MAX_DEPTH:
            raise OverBudget(f"a tree deeper than {MAX_DEPTH}")
        try:
            self.meter.count(1)
            table = as_table(data, "the node", "step data stratum bracket children")
            step = as_text(table["step"], "the step")
            given = self.stated(table["stratum"]) if derived is None else derived
            s = self.compare(given, table["stratum"])
            method: Callable[[Any, object], Outcome] | None = getattr(self, f"step_{step}", None)
            if method is None or not NAME.fullmatch(step):
                refuse("there is no such step")
            if s is None and step != "empty":
                refuse("the stratum has no points, so the step must be empty")
            wanted, combine = method(s, table["data"])
            children = as_list(table["children"], "the children")
            if len(children) != len(wanted):
                refuse(f"{len(children)} children, not the {len(wanted)} that are derived")
        except Refused as error:
            if error.placed:
                raise
            placed = Refused(f"{path}, step {shown(step, 20)}: {error}")
            placed.placed = True
            raise placed from None
        brackets = []
        for i, (child, stratum) in enumerate(zip(children, wanted, strict=True)):
            brackets.append(self.node(child, stratum, f"{path}.{i}", depth + 1)[1])
        try:
            bracket = combine(brackets)
            if order_of(bracket[0]) > order_of(bracket[1]):
                refuse("the lower end is larger than the upper end")
            check_bracket(table["bracket"], bracket)
        except Refused as error:
            placed = Refused(f"{path}, step {shown(step, 20)}: {error}")
            placed.placed = True
            raise placed from None
        return s, bracket


def read_names(data: object, what: str) -> list[str]:
    """The names in a list, each of at most `MAX_NAME` characters."""
    names = [as_text(name, what) for name in as_list(data, what)]
    for name in names:
        if len(name) > MAX_NAME:
            raise OverBudget(f"{what}: a name of more than {MAX_NAME} characters")
        if not NAME.fullmatch(name):
            refuse(f"{what}: {shown(name)} is no name")
    return names


def read_constants(data: object, variables: list[str], meter: Meter) -> tuple[list[str], list[tuple[Key, Poly]]]:
    """The names (one or none), and the minimal polynomials, in the ring with the constant, each proved irreducible."""
    entries = as_list(data, "the constants")
    if len(entries) > 1:
        refuse("there are several constants")
    for entry in entries:
        table = as_table(entry, "the constant", "name minimal_polynomials")
        names = [*variables, *read_names([table["name"]], "the constant's name")]
        if len(set(names)) < len(names):
            refuse("the constant's name is that of a variable")
        ring, found = Ring(names, meter), []
        for item in as_list(table["minimal_polynomials"], "the minimal polynomials"):
            text, n, d = as_list(item, "a minimal polynomial", 3)
            q = ring.read(text, "a minimal polynomial")
            check_irreducible(
                q, ring.n - 1, as_int(n, "a minimal polynomial's point", 1), as_int(d, "a divisor", 1), meter
            )
            found.append((key(q), primitive(q)[0]))
        return names, found
    return variables, []


def recheck(certificate: dict[str, Any]) -> Statement:
    """What the certificate proves; Refused or OverBudget else."""
    try:
        return proved(certificate)
    except (RecursionError, MemoryError, OverflowError):
        raise OverBudget("nested too deeply, or too large") from None


@dataclass(frozen=True)
class Side:
    """One variable near the point: x = p + sign y^power, and |y|^jacobian is the density in y.

    ``sign`` is 0 where another variable, which is not 0, stands for it.
    """

    sign: int
    power: int
    jacobian: int


@dataclass
class Place:
    """The point: its coordinates, rational numbers or polynomials in a number, in the ring of variables and number.

    The number is the one root of q between ``low`` and ``high``; q is irreducible. Without a number q is None.
    """

    ring: Ring
    values: list[Poly]
    q: Poly | None = None
    low: Fraction = Fraction(0)
    high: Fraction = Fraction(0)
    free: tuple[str, ...] = ()  # variables of any value: the pair is the least over all of these points

    def rational(self, j: int) -> Fraction | None:
        """The coordinate, if it is a rational number."""
        return Fraction(self.values[j].get(self.ring.origin, 0)) if is_number(self.values[j]) else None

    def above(self, j: int, bound: Fraction) -> int:
        """The sign of the coordinate minus a rational number."""
        difference = self.ring.add(self.values[j], self.ring.number(1), -bound)
        if self.q is None or is_number(difference):
            v = difference.get(self.ring.origin, 0)
            return (v > 0) - (v < 0)
        return Roots(self.q, self.ring.n - 1, self.ring.meter, difference).count(self.low, self.high)

    def at(self, f: Poly) -> Poly:
        """The value of a polynomial in the variables."""
        for j, value in enumerate(self.values):
            f = self.ring.reduce(self.ring.substitute(f, j, value), self.q)
        return f

    def words(self) -> str:
        """The point as it is printed."""
        names = self.ring.names
        text = ", ".join(f"any real {name}" if name in self.free else f"{name} = {self.ring.show(v)}"
                         for name, v in zip(names, self.values, strict=False))
        if self.q is None:
            return text
        return text + f" where {self.ring.show(self.q)} = 0, {self.low} < {names[-1]} < {self.high}"


def read_place(certificate: dict[str, Any], germ: dict[str, Any], variables: list[str], meter: Meter) -> Place:
    """The point that a germ states, and the number in it, which is proved to be one."""
    texts = as_list(germ["point"], "the point", len(variables))
    if ("where" in germ) != ("irreducible" in certificate) or ("chart" in certificate and "where" not in germ):
        refuse("a number is stated without its proof, or a proof or a chart without a number")
    if "where" not in germ:
        ring = Ring(variables, meter)
        point = [as_rational(v, "a coordinate of the point") for v in texts]
        return Place(ring, [tidy(ring.number(v)) for v in point])
    name, text, low, high = as_list(germ["where"], "the number", 4)
    names = [*variables, *read_names([name], "the number")]
    if len(set(names)) < len(names):
        refuse("the number has the name of a variable")
    ring, alone = Ring(names, meter), Ring([name], meter)
    own: list[Poly] = [{(*ring.origin[1:], *e): v for e, v in alone.read(t, "the number").items()}
                       for t in [text, *texts]]
    n, d = as_list(certificate["irreducible"], "the proof that the number's polynomial is irreducible", 2)
    check_irreducible(own[0], ring.n - 1, as_int(n, "a point", 1), as_int(d, "a divisor", 1), meter)
    ends = [as_rational(low, "a bound of the number"), as_rational(high, "a bound of the number")]
    if Roots(own[0], ring.n - 1, meter).count(*ends) != 1:
        refuse("there is not one root of the number's polynomial between its bounds")
    return Place(ring, [ring.reduce(value, own[0]) for value in own[1:]], own[0], ends[0], ends[1])


def rational_chart(gens: list[Poly], place: Place, data: object) -> tuple[list[Poly], Place]:
    """The generators in coordinates in which they are rational, and the point there.

    Let x_j = a + b c there, b not 0, and Q(x_j) its minimal polynomial. The other coordinates are polynomials P_i in
    x_j, of which the rational ones are left alone. Q(x_j) and x_i - P_i(x_j) are coordinates, as Q has simple roots,
    and x_j is a unit, as it is not rational: 0 is. So x_j^k h(Q(x_j), ...) may be replaced by h.
    """
    ring = place.ring
    j, c = ring.number_of(data, "the chart"), ring.n - 1
    if place.q is None or j == c or degree(place.values[j], c) != 1:
        refuse("the chart needs a coordinate a + b c, where b is not 0")
    by_power = ring.by_powers(place.values[j], c)
    a, b = (Fraction(by_power.get(k, {}).get(ring.origin, 0)) for k in (0, 1))
    back = ring.add(scale(ring.variable(j), 1 / b), ring.number(1), -a / b)  # c = (x_j - a) / b
    base = ring.substitute(place.q, c, back)
    base = scale(base, 1 / Fraction(base[tuple(degree(base, j) if i == j else 0 for i in range(ring.n))]))
    found = []
    for f in gens:
        for i, value in enumerate(place.values):
            if i != j and not is_number(value):
                f = ring.substitute(f, i, ring.add(ring.variable(i), ring.substitute(value, c, back)))
        digits: list[Poly] = []
        while f:
            digits.append(ring.reduce(f, base))
            f = ring.divide(ring.add(f, digits[-1], -1), base) or {}
        if len({e[j] for digit in digits for e in digit}) > 1:
            refuse("a generator is no power of the chart's coordinate times a rational polynomial in the new ones")
        found.append({(*e[:j], i, *e[j + 1 :]): v for i, digit in enumerate(digits) for e, v in digit.items()})
    return found, Place(ring, [value if is_number(value) else {} for value in place.values], free=place.free)


def read_sides(germ: dict[str, Any], variables: list[str], place: Place) -> tuple[list[Side], str]:
    """The new coordinates on the domain and with the prior of a germ, and the words for both."""
    low: dict[str, Fraction] = {}
    high: dict[str, Fraction] = {}
    words = []
    for entry in as_list(germ.get("domain", []), "the domain"):
        name, relation, text = as_list(entry, "a bound", 3)
        value = as_rational(text, "a bound")
        table = low if relation == ">=" else high
        if name not in variables or relation not in (">=", "<=") or name in table:
            refuse(f"the bound {shown(entry)} is none of a variable, or given twice")
        table[name] = value
        words.append(f"{name} {relation} {value}")
    stated = as_dict(germ.get("prior", {}), "the prior")
    prior = {name: as_rational(text, "an exponent of the prior") for name, text in stated.items()}
    if ("domain" in germ and not words) or ("prior" in germ and not prior):
        refuse("a domain or a prior is stated, and empty")
    if any(name not in variables or h <= -1 for name, h in prior.items()):
        refuse("the prior is none, or no density")
    for j, name in enumerate(variables):
        if (name in low and place.above(j, low[name]) < 0) or (name in high and place.above(j, high[name]) > 0):
            refuse("the point is outside the domain")
        if name in low and name in high and low[name] >= high[name]:
            refuse("the domain has no volume")
    sides = [side(place.rational(j), low.get(name), high.get(name), prior.get(name, Fraction(0)))
             for j, name in enumerate(variables)]
    density = "*".join(f"|{name}|^({h})" for name, h in prior.items())
    return sides, (" on " + ", ".join(words) if words else "") + (f" with the prior {density}" if density else "")


def side(p: Fraction | None, low: Fraction | None, high: Fraction | None, h: Fraction) -> Side:
    """The coordinate at p, between these bounds, with the density |x|^h.

    At a bound y^N with an even N covers the half-line twice; x = y^b is a bijection of the line if b is odd; for an
    even b both halves x = s y^b, s > 0 and s < 0, are needed. N (h + 1) - 1 is an integer: the new density. A p that is
    not rational is no bound and not 0.
    """
    h = h if p == 0 else Fraction(0)
    b = h.denominator
    if p is not None and p in (low, high):
        n, sign = b if b % 2 == 0 else 2 * b, 1 if p == low else -1
    else:
        n, sign = b, b % 2
    if n > MAX_EXPONENT:
        raise OverBudget("a coordinate that is too high a power")
    return Side(sign, n, int(n * (h + 1)) - 1)


def as_dict(value: object, what: str) -> dict[str, Any]:
    """An object with any keys."""
    if not isinstance(value, dict):
        refuse(f"{what} is no object")
    return value


def without(table: object, what: str, keys: str) -> dict[str, Any]:
    """The object without keys that it need not have."""
    return {key: value for key, value in as_dict(table, what).items() if key not in keys.split()}


def in_sides(verifier: Steps, g: Poly, sides: list[Side], place: Place) -> Poly:
    """A generator of the germ in the new coordinates; the further variables follow those of the germ."""
    ring, size = verifier.ring, len(sides)
    further = size
    f: Poly = {(*e[:size], *ring.origin[size:]): v for e, v in g.items()}
    for j, s in enumerate(sides):
        at: Poly = {(*ring.origin[:-1], e[-1]) if e[-1:] != (0,) and place.q else ring.origin: v
                    for e, v in place.values[j].items()}
        if (s.sign, s.power) == (1, 1):
            f = verifier.shifted(f, j, at)
        else:
            image = ring.monomial({j: s.power} if s.sign else {j: s.power, further: 1})
            f = ring.substitute(f, j, ring.add(at, image, s.sign or 1))
        further += s.sign == 0
    return tidy(f)


def proved(certificate: dict[str, Any]) -> Statement:
    """What a certificate proves; what Python itself cannot do still raises."""
    meter = Meter()
    table = as_table(without(certificate, "the certificate", "signs irreducible chart"), "the certificate",
                     "format germ constants bracket lemmas tree")
    if table["format"] != FORMAT:
        refuse(f"the format is {shown(table['format'])}, not {FORMAT}")
    stated = without(table["germ"], "the germ", "domain prior where denominators free")
    germ = as_table(stated, "the germ", "variables generators point function")
    variables = read_names(germ["variables"], "the variables")
    if len(variables) > MAX_VARIABLES:
        raise OverBudget(f"more than {MAX_VARIABLES} variables")
    if not variables or len(set(variables)) < len(variables):
        refuse("a variable is given twice, or there is none")
    function = germ["function"]
    if type(function) is not bool:
        refuse("function is neither true nor false")
    own = Ring(variables, meter)
    given = [own.read(text, "a generator of the germ") for text in as_list(germ["generators"], "the germ's generators")]
    if function and len(given) != 1:
        refuse("a function has exactly one generator")
    place = read_place(certificate, table["germ"], variables, meter)
    if "free" in table["germ"]:
        place.free = tuple(read_free(table["germ"], variables, place))
    below = read_denominators(table["germ"], own, place, len(given))
    sides, words = read_sides(table["germ"], variables, place)
    signs = read_names(certificate["signs"], "the signs") if "signs" in certificate else []
    if len(signs) != sum(s.sign == 0 for s in sides) or ("signs" in certificate and not signs):
        refuse("there is not one sign for each coordinate that needs one")
    if len({*variables, *signs}) < len(variables) + len(signs):
        refuse("a sign has the name of a variable")
    names, constants = read_constants(table["constants"], [*variables, *signs], meter)
    verifier = Verifier(Ring(names, meter), len(variables) + len(signs), constants)
    bracket = proved_bracket(certificate, verifier, given, sides, place)
    if function:
        bracket = (scaled(bracket[0], Fraction(2)), scaled(bracket[1], Fraction(2)))
    check_bracket(table["bracket"], bracket)
    generators = tuple(own.show(g, 10**7) + (f" over {d}" if d != "1" else "")
                       for g, d in zip(given, below, strict=True))
    return Statement(tuple(variables), generators, place.words(), function, *bracket, words)


def read_free(germ: dict[str, Any], variables: list[str], place: Place) -> list[str]:
    """The variables of any value: the root is a stratum in which they are free, without a bound, a density, a value."""
    found = read_names(germ["free"], "the variables of any value")
    if not found or len(set(found)) < len(found) or not set(found) <= set(variables) or "denominators" in germ:
        refuse("the variables of any value are none, or there are denominators")
    if any(place.values[variables.index(name)] for name in found):
        refuse("a variable of any value has one")
    bounds = [as_list(entry, "a bound", 3)[0] for entry in as_list(germ.get("domain", []), "the domain")]
    if any(name in bounds or name in as_dict(germ.get("prior", {}), "the prior") for name in found):
        refuse("a variable of any value has a bound or a density")
    return found


def read_denominators(germ: dict[str, Any], own: Ring, place: Place, number: int) -> list[str]:
    """What the generators are divided by, one for each: none vanishes at the point, so that they are units there."""
    if "denominators" not in germ:
        return ["1"] * number
    found = []
    for text in as_list(germ["denominators"], "the denominators", number):
        f = own.read(text, "a denominator")
        padding = place.ring.origin[own.n :]
        if not place.at({(*e, *padding): v for e, v in f.items()}):
            refuse(f"the denominator {own.show(f)} vanishes at the point")
        found.append(own.show(f, 10**7))
    if not found:
        refuse("denominators are stated, and there are no generators")
    return found


def proved_bracket(
    certificate: dict[str, Any], verifier: Verifier, given: list[Poly], sides: list[Side], place: Place
) -> Bracket:
    """The bracket of the root, once the lemmas are checked."""
    ring, gens = verifier.ring, given
    if "chart" in certificate:
        padding = place.ring.origin[len(sides) :]
        gens, place = rational_chart([{(*e, *padding): v for e, v in g.items()} for g in given], place,
                                     certificate["chart"])
    q: Poly | None = None
    if place.q is not None:
        if verifier.c is None or ring.names[-1] != place.ring.names[-1]:
            refuse("the number of the point is not the constant")
        q = verifier.known({(*ring.origin[1:], e[-1]): v for e, v in place.q.items()})
    gens = [ring.reduce(in_sides(verifier, g, sides, place), q) for g in gens]
    if not place.free and any(ring.setting_zero(f, range(len(sides))) for f in gens):
        refuse("a generator does not vanish at the point")
    zero, signs = [0] * ring.n, range(len(sides), len(sides) + sum(s.sign == 0 for s in sides))
    jacobian = [s.jacobian for s in sides] + zero[len(sides) :]
    units = [ring.variable(j) for j in signs]
    near = set(range(ring.n)) - set(signs) - ({ring.n - 1} if q else set())
    near -= {ring.index[name] for name in place.free}
    root = Derived(gens, near, zero, jacobian, units, q)
    for number, lemma in enumerate(as_list(certificate["lemmas"], "the lemmas")):
        verifier.lemmas.append(verifier.node(lemma, None, f"lemma {number}", 0))
    return verifier.node(certificate["tree"], root, "root", 0)[1]


# -------------------------------------------------------------------------------------------------------------- program


def distinct_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON, refused if a key is given twice in it."""
    found = dict(pairs)
    if len(found) < len(pairs):
        refuse("a key is given twice in one object")
    return found


def no_float(text: str) -> NoReturn:
    """Refuse a number with a point or an exponent."""
    refuse(f"the number {shown(text)} is not an integer")


def short_integer(text: str) -> int:
    """The integer that digits spell, of at most `MAX_DIGITS` of them."""
    if len(text.lstrip("-")) > MAX_DIGITS:
        raise OverBudget(f"a number of more than {MAX_DIGITS} digits")
    return int(text)


def load(path: str) -> dict[str, Any]:
    """The certificate in a regular file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise BadInput("not a regular file")
            if status.st_size > MAX_BYTES:
                raise OverBudget(f"more than {MAX_BYTES} bytes")
            text = stream.read(MAX_BYTES + 1) or b""  # None where it would have to wait
    except (OSError, ValueError) as error:
        raise BadInput(f"cannot be read: {shown(str(error), 80)}") from None
    if len(text) > MAX_BYTES:
        raise OverBudget(f"more than {MAX_BYTES} bytes")
    try:
        data: Any = json.loads(
            text.decode("utf-8"), object_pairs_hook=distinct_keys, parse_float=no_float, parse_constant=no_float,
            parse_int=short_integer,
        )
    except ValueError as error:
        raise BadInput(f"not JSON: {shown(str(error), 80)}") from None
    return as_table(data, "the certificate")


def cut(line: str) -> str:
    """A line to print, of at most 200 characters."""
    return line if len(line) <= 200 else f"{line[:170]}... [{len(line)} characters]"


def main(argv: list[str]) -> int:
    """Check files; one answer each."""
    sys.setrecursionlimit(8000)
    if not argv:
        print("usage: recheck.py CERTIFICATE...", file=sys.stderr)
        return 2
    codes = set()
    for path in argv:
        name = shown(path, 80)
        try:
            lines = recheck(load(path)).lines()
        except Refused as error:
            codes.add(1)
            line = f"{name}: refused: {error}"
        except BadInput as error:
            codes.add(2)
            line = f"{name}: bad input: {error}"
        except OverBudget as error:
            codes.add(3)
            line = f"{name}: over budget: {error}"
        except (RecursionError, MemoryError, OverflowError):
            codes.add(3)
            line = f"{name}: over budget: nested too deeply, or too large"
        except Exception as error:  # a mistake in this program: no answer, but no acceptance either
            codes.add(3)
            line = f"{name}: over budget: this program failed: {type(error).__name__}: {error}"
        else:
            try:
                print("\n".join([f"{name}: {lines[0]}", *lines[1:]]), flush=True)
            except OSError:
                codes.add(2)
            continue
        print(cut(ascii(line)[1:-1]), file=sys.stderr)
    return min(codes, default=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
