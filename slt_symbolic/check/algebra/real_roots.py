"""Real roots of polynomials in one variable over Q: Sturm's theorem; and irreducibility by one value that is prime.

Sturm. For ``p_0 = p, p_1 = p', p_{i+1} = -(p_{i-1} mod p_i)`` and ``a < b`` that are no roots of p, the number of
distinct real roots between them is the number of changes of sign in the sequence at a minus that at b. With
``p_1 = p' g`` it is the sum of the signs of g at these roots (Tarski).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from flint import fmpq, fmpq_poly, fmpz

from slt_symbolic.check.algebra.ring import Polynomial, terms
from slt_symbolic.check.budget import charge
from slt_symbolic.check.step import require

LARGEST_PRIME = 3317044064679887385961981  # below it thirteen bases prove a prime (Sorenson, Webster 2017)


def univariate(polynomial: Polynomial, position: int) -> fmpq_poly:
    """A polynomial that involves no other variable, as one in one variable."""
    table = terms(polynomial)
    coefficients = [fmpq(0)] * (max((e[position] for e in table), default=0) + 1)
    for exponent, coefficient in table.items():
        coefficients[exponent[position]] = coefficient
    return fmpq_poly(coefficients)


def real_roots(p: fmpq_poly, samples: Sequence[Fraction] = ()) -> list[int]:
    """The numbers of distinct real roots below the first sample, between consecutive ones, and above the last.

    No sample may be a root, and p not be zero.

    >>> real_roots(fmpq_poly([-2, 0, 1])), real_roots(fmpq_poly([-2, 0, 1]), [Fraction(0), Fraction(1)])
    ([2], [1, 0, 1])
    """
    chain = _sturm_chain(p)
    words = sum(1 + (abs(s.numerator).bit_length() + s.denominator.bit_length()) // 64 for s in samples)
    charge(words * len(chain) * (p.degree() + 1) ** 2)
    low = [q[q.degree()] if q.degree() % 2 == 0 else -q[q.degree()] for q in chain]
    high = [q[q.degree()] for q in chain]
    at = [[q(fmpq(s.numerator, s.denominator)) for q in chain] for s in samples]
    changes = [_changes(values) for values in (low, *at, high)]
    return [a - b for a, b in pairwise(changes)]


def sum_of_signs(p: fmpq_poly, g: fmpq_poly, low: Fraction, high: Fraction) -> int:
    """The sum of the signs that g has at the distinct real roots of p between two numbers, which are no roots of p.

    >>> sum_of_signs(fmpq_poly([-2, 0, 1]), fmpq_poly([-1, 1]), Fraction(-2), Fraction(0))
    -1
    """
    chain = _sturm_chain(p, g)
    words = 1 + sum(abs(x.numerator).bit_length() + x.denominator.bit_length() for x in (low, high)) // 64
    charge(2 * words * len(chain) * (p.degree() + 1) ** 2)
    before, after = (_changes([q(fmpq(x.numerator, x.denominator)) for q in chain]) for x in (low, high))
    return before - after


def _sturm_chain(p: fmpq_poly, g: fmpq_poly | None = None) -> list[fmpq_poly]:
    # A positive factor changes no sign: dividing by the content keeps the numbers small.
    degree, p = p.degree(), p / _content(p)
    chain, following = [p], p.derivative() if g is None else p.derivative() * g % p
    charge(max(degree, 1) ** 3 * (1 + sum(int(c.p).bit_length() for q in (p, following) for c in q.coeffs()) // 64))
    while following:
        chain.append(following / _content(following))
        charge((following.degree() + 1) * (1 + chain[-1].numer().height_bits() // 64))  # numbers grow in long chains
        following = -(chain[-2] % chain[-1])
    return chain


def _content(p: fmpq_poly) -> fmpq:
    return fmpq(p.numer().content(), p.denom())


def _changes(values: Sequence[fmpq]) -> int:
    signs = [value > 0 for value in values if value != 0]
    return sum(a != b for a, b in pairwise(signs))


def require_minimal_polynomial(q: fmpq_poly, n: int, d: int) -> None:
    """A polynomial irreducible over Q, of degree two or more, with a real root; n and d show that it is irreducible.

    Theorem (Murty 2002, Girstmair 2005). Let f be q without denominators and common factor, ``H`` the largest quotient
    of a lower coefficient by the leading one, ``n >= H + d + 1``, and ``|f(n)| = d P`` with a prime P. Then f is
    irreducible: roots lie in ``|z| < H + 1``, so ``|g(n)| > (n - H - 1)^{deg g} >= d`` for all factors g with integer
    coefficients. For f itself it shows ``P > d``, so that P does not divide d; of two factors one has ``g(n)``
    dividing d, which contradicts it.
    """
    require(q.degree() >= 2, "the minimal polynomial {} needs degree 2 or more", q)
    require(type(n) is int and type(d) is int and n >= 1 and d >= 1, "{} and {} are not integers >= 1", n, d)
    f = q / _content(q)
    bound = max(abs(Fraction(int(c.p), int(f[f.degree()].p))) for c in f.coeffs()[:-1])
    charge((f.degree() * (1 + n.bit_length() // 64)) ** 2)
    value = abs(int(f(fmpq(n)).p))
    require(n >= bound + d + 1, "{} is too small to show that {} is irreducible", n, q)
    require(value % d == 0, "{} does not divide the value of {} at {}", d, q, n)
    prime = value // d
    require(prime < LARGEST_PRIME and bool(fmpz(prime).is_prime()),
            "the value of {} at {} is not {} times a prime", q, n, d)
    require(real_roots(q) != [0], "the minimal polynomial {} has no real root", q)
