"""The step `orthogonal`: scalar products of rows that are nearly orthogonal."""

import json
from fractions import Fraction
from itertools import combinations

import pytest

from slt_symbolic import rlct
from slt_symbolic.recheck import recheck
from tests.check.tables import accepts, refuses, rows, stratum

NAMES = "a b c d e f"
PLANE = ["a*c + b*d", "a*e + b*f", "c*e + d*f"]  # of three rows with two places
FOUR = ["a*b", "a*c", "a*d", "b*c", "b*d", "c*d"]  # of four numbers
THREE = stratum(PLANE, NAMES)


def data(text="ab cd ef", pairs=(0, 1, 2)):
    return {"rows": [list(row) for row in text.split()], "pairs": list(pairs)}


def case(generators, result, text="ab cd ef", pairs=(0, 1, 2), names=NAMES, **more):
    return accepts("orthogonal", stratum(generators, names, **more), data(text, pairs), {}, result)


def refused(reason, generators=PLANE, text="ab cd ef", pairs=(0, 1, 2), names=NAMES, **more):
    return refuses("orthogonal", stratum(generators, names, **more), data(text, pairs), reason)


ACCEPTED = [
    # p k/4, with k = p - 1 divisors, and coordinates, that meet
    case(PLANE, "3/2,3"),
    case(PLANE, "3/2,3", "ef ab cd", (1, 2, 0)),
    case(FOUR, "1", "a b c d", range(6), "a b c d"),
    # more places than rows: as many coordinates as pairs
    case(["a*d + b*e + c*f"], "1/2", "abc def", [0]),
    # another form, and terms of higher order, with a further variable that may have a density
    case(["2*a*c + a*d + b*c + 2*b*d", "-4*a*e - 2*a*f - 2*b*e - 4*b*f + t*a*f", "2*c*e + c*f + d*e + 2*d*f + b^2*c*e"],
         "3/2,3", names=f"{NAMES} t", jacobian={"t": 1}),
    # others: of three factors, of two, of one from a row, and of none
    case([*PLANE, "a*c*e + t*b^3"], "3/2,3", names=f"{NAMES} t"),
    case([*PLANE, "a^2 - c^2"], "3/2,3 .. 3/2"),
    case([*PLANE, "t*a"], "3/2,3 .. oo", names=f"{NAMES} t"),
    case([*PLANE, "t"], "3/2,3 .. oo", names=f"{NAMES} t"),
    case([*FOUR, "a^2 - b^2"], "1", "a b c d", range(6), "a b c d"),
    case(["a*d + b*e + c*f", "a*d"], "1/2 .. oo", "abc def", [0]),
]
REFUSED = [
    refuses("orthogonal", THREE, {**data(), "rows": "ab"}, "rows are a list of lists"),
    refuses("orthogonal", THREE, {**data(), "rows": ["ab"]}, "a row is a list of names"),
    refuses("orthogonal", THREE, {**data(), "pairs": 0}, "pairs are a list of numbers"),
    refused("needs two rows or more, all of one length", text="ab", pairs=[]),
    refused("needs two rows or more, all of one length", text="ab cd e"),
    refuses("orthogonal", THREE, {"rows": [[], []], "pairs": [0]}, "needs rows of 1 to 12 variables"),
    refused("needs distinct variables", text="ab cd ea"),
    refused("there is no variable z", text="ab cd ez"),
    refused("there is no generator 3", pairs=[0, 1, 3]),
    refused("needs a generator for each of 3 pairs", pairs=[0, 1]),
    refused("needs a generator for each of 3 pairs", pairs=[0, 1, 1]),
    refused("needs orders 0; here t has the order 1", names=f"{NAMES} t", orders={"t": 1}),
    refused("needs near variables; here f is not near 0", free="f"),
    refused("without Jacobian orders; here a has one", jacobian={"a": 1}),
    refused("needs generators in near variables", [*PLANE, "a*c*s"], names=f"{NAMES} s", free="s"),
    # the pairs in another order; a term without the first row; one of a linear form
    refused("needs a variable of both rows in each term", pairs=[1, 0, 2]),
    refused("needs a variable of both rows in each term", ["a*c + b*d + c^3", *PLANE[1:]]),
    refused("needs a variable of both rows in each term", ["a*c + b*d + t", *PLANE[1:]], names=f"{NAMES} t"),
    # forms: two of them, of no symmetry, with a zero, not definite: at (a, b) = (c, d) = (e, f) = (1, 1) all may vanish
    refused("needs one form for all pairs", ["2*a*c + b*d", *PLANE[1:]]),
    refused("needs a symmetric form", ["a*c + a*d + b*d", "a*e + a*f + b*f", "c*e + c*f + d*f"]),
    refused("has a zero on its diagonal", ["a*d + b*c", "a*f + b*e", "c*f + d*e"]),
    refused("leading minor of size 2 is not positive", ["a*c - b*d", "a*e - b*f", "c*e - d*f"]),
    refused("leading minor of size 2 is not positive", ["a*c + a*d + b*c + b*d", "a*e + a*f + b*e + b*f",
                                                        "c*e + c*f + d*e + d*f"]),
]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)


@pytest.mark.parametrize(("p", "k", "value", "m"), [(3, 1, "3/4", 1), (3, 2, "3/2", 3), (4, 3, "3", 4),
                                                    (5, 3, "15/4", 1), (4, 6, "3", 1)])
def test_scalar_products(p, k, value, m):
    """``p min(k, p - 1)/4`` as in derivations/orthogonal_rows.py, with a cubic tail; the second checker agrees."""
    tail = " + a0_0*a1_0*a2_0*t"
    products = [" + ".join(f"a{i}_{n}*a{j}_{n}" for n in range(k)) + tail * ((i, j) == (0, 1))
                for i, j in combinations(range(p), 2)]
    answer = rlct(products)
    assert '"orthogonal"' in json.dumps(answer.certificate)
    assert (str(answer.lambda_), answer.multiplicity) == (value, m)
    assert recheck(json.loads(json.dumps(answer.certificate))).lower == (Fraction(value), m)
