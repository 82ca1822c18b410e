"""Real roots by Sturm's theorem, minimal polynomials by a value that is prime."""

from fractions import Fraction

from flint import fmpq_poly

from slt_symbolic.check.algebra.real_roots import LARGEST_PRIME, real_roots, require_minimal_polynomial
from slt_symbolic.check.budget import Budget, OverBudget, metered
from tests.check.tables import Accepted, Denied, rows


def minimal(coefficients, n, d):
    return lambda: require_minimal_polynomial(fmpq_poly(coefficients), n, d)


def roots(coefficients, *samples):
    return lambda: real_roots(fmpq_poly(coefficients), [Fraction(s) for s in samples])


def limited(run):
    def within():
        with metered(Budget(10**9)):
            run()
    return within


SQRT2 = [-2, 0, 1]
ACCEPTED = [
    Accepted("two roots", roots(SQRT2), [2]),
    Accepted("counted once", roots([1, -2, 1]), [1]),
    Accepted("between samples", roots([0, -1, 0, 1], "-1/2", "1/2", "2"), [1, 1, 1, 0]),
    Accepted("none", roots([1, 0, 1]), [0]),
    Accepted("a number", roots([5], "0"), [0, 0]),
    Accepted("5^2 - 2 = 23", minimal(SQRT2, 5, 1), None),
    Accepted("7^2 - 2 = 47", minimal(SQRT2, 7, 1), None),
    # 10^2 - 2 = 2 * 49 is of no use
    Accepted("12^2 - 2 = 2 * 71", minimal(SQRT2, 12, 2), None),
]
REFUSED = [Denied(f"minimal {q} {n} {d}", minimal(q, n, d), sentence) for q, n, d, sentence in (
    ([-2, 1], 5, 1, "needs degree 2 or more"),
    ([3], 5, 1, "needs degree 2 or more"),
    (SQRT2, 5, True, "are not integers >= 1"),
    (SQRT2, 5.0, 1, "are not integers >= 1"),
    (SQRT2, 0, 1, "are not integers >= 1"),
    (SQRT2, 5, 0, "are not integers >= 1"),
    # |f(3)| = 7, but 3 < 2 + 1 + 1
    (SQRT2, 3, 1, "3 is too small to show that"),
    # reducible, (x - 4) (x - 2), yet 1 * 3 is prime at 5: n is too small
    ([8, -6, 1], 5, 1, "5 is too small to show that"),
    (SQRT2, 10**4, 3, "3 does not divide the value of"),
    (SQRT2, 8, 1, "the value of .* at 8 is not 1 times a prime"),  # 62 = 2 * 31
    # (x - 1)(x + 1) at 12: 11 * 13
    ([-1, 0, 1], 12, 1, "is not 1 times a prime"),
    ([-1, 0, 1], 24, 23, "24 is too small"),  # reducible: 23 * 25
    # n^2 - 2 is prime, but above the largest that thirteen bases prove
    (SQRT2, 2000000000059, 1, "is not 1 times a prime"),
    ([-2, 0, 1], 10**6, 1, "is not 1 times a prime"),
    # irreducible, without real roots: 6^2 + 1 = 37
    ([1, 0, 1], 6, 1, "has no real root"),
)]


REFUSED += [
    Denied("long coefficients", limited(roots([Fraction(1, 10**900 + i).limit_denominator(10**901).denominator
                                               for i in range(200)])), "more work", OverBudget),
    Denied("many samples", limited(roots([-2] + [0] * 99 + [1], *range(2, 200_000))), "more work", OverBudget),
    Denied("a long n", limited(minimal([-2] + [0] * 999 + [1], 10**4000, 1)), "more work", OverBudget),
]
assert LARGEST_PRIME < (2 * 10**12 + 1) ** 2
test_accepted, test_refused = rows(ACCEPTED, REFUSED)


def test_whoever_listens_is_told_between_remainders():
    """Numbers grow in a long chain, and the work with them: a deadline is looked at in time."""
    told = []
    with metered(told.append):
        real_roots(fmpq_poly([(37 * k**5 + 11) % 101 - 50 for k in range(40)]))
    assert len(told) > 39
    assert max(told[1:-1]) > 2 * 40  # of several words
