"""Small data that would cost much: all work is counted before it is done, so that nobody waits for the end of it."""

import time
from fractions import Fraction

import pytest

from slt_symbolic.check import optimum, polyhedron
from slt_symbolic.check.algebra import ring, signs
from slt_symbolic.check.algebra.grammar import parse
from slt_symbolic.check.algebra.resultant import resultant
from slt_symbolic.check.budget import Budget, OverBudget, metered
from slt_symbolic.check.steps import STEPS
from slt_symbolic.check.stratum import canonical
from tests.check.tables import reader, stratum

RING, read = reader("x y z w")
ALLOWED = 10**7
UNIT = stratum(["x"], free="y", units=["y"])
LARGE, ZEROS = stratum(["(x+y+z+w)^30"], "x y z w"), [0] * 396
PATTERNS = " ".join(f"x{i}" for i in range(60))


def step(name, s, data):
    return lambda: STEPS[name](s, data)


def proof(text, *factors, units=()):
    return lambda: signs.require_nonzero(read(text), [list(f) for f in factors], [read(u) for u in units], {})


def monomials(count):
    return [f"x^{i}*y^{count - i}" for i in range(count + 1)]


CASES = {
    "powers of 0": proof("x", ["0", 10**18, "unit"]),
    "powers of 1": proof("x", ["1", 10**18, "even"]),
    "powers of a unit": proof("x", ["x", 10**18, "unit"], units=["x"]),
    "powers of a sum": proof("x", ["x+y+z", 10**18, "unit"]),
    "powers of 1, the base of a power": step("power", stratum(["1"]), {"base": "1", "exponent": 10**18}),
    "remainders modulo the constant": lambda: ring.reduced(read("(x+y+z)^20*w^500"), {3: read("w^2-w-1")}),
    "a wide matrix": lambda: ring.span_rank([read("(x+y+z+w)^16") for _ in range(120)]),
    "substitution": lambda: ring.substitute(read("x^500*y^400"), {0: read("x+y+z"), 1: read("x-z+w")}),
    "substitution of a number": lambda: ring.substitute(read("x^500*y^490"), {0: read("9" * 990), 1: read("x+9")}),
    "fractions": lambda: ring.substitute_fraction(read("(x+1)^500"), 0, read("y+z+w"), read("y-z+1")),
    "a value": lambda: ring.value_at(read("(x+y+z)^40*x^500"), [Fraction(7**1000)] * 4),
    "a resultant": lambda: resultant(read("(x+y)^60+1"), read("(x-y)^60+3"), 0),
    "long coefficients of a resultant": lambda: resultant(
        read("x^9*y^9*" + "7" * 900 + "+1"), read("x^8*y^9+" + "3" * 900), 0),
    "many cofactors": lambda: signs.require_empty([read("x")], {
        "cofactors": [[0, f"y^{i % 500}*z^{i // 500}"] for i in range(20_000)], "units": []}, [], {}),
    "a determinant": lambda: signs.determinant([[read("x+1")] * 11 for _ in range(11)]),
    "many texts": lambda: [parse("(x+y+z+w)^20", RING) for _ in range(600)],
    "a long text": lambda: [parse("x" + "+x" * 9 + " " * 10**6, RING) for _ in range(11)],
    "patterns": step("blowup", stratum(["1"], PATTERNS, orders=dict.fromkeys(PATTERNS.split(), 1)),
                     {"weights": [[name, 1] for name in PATTERNS.split()]}),
    "groups": step("sum", stratum(["x+z^2", "x^2"], free="y", units=["y"]),
                   {"groups": [[] for _ in range(5000)] + [["x", "y", "z"]]}),
    "factors": step("product", UNIT, {"factors": [["1"] for _ in range(5000)] + [["x"]]}),
    "products of lists": step("product", stratum(["x0"], PATTERNS),
                              {"factors": [[name, "1"] for name in PATTERNS.split()]}),
    "minimal exponents": lambda: optimum.minimal([(i, j, 400 - i - j) for i in range(401) for j in range(401 - i)]
                                                 + [(i, j, 401 - i - j) for i in range(401) for j in range(401 - i)]),
    "a polyhedron": lambda: polyhedron.Polyhedron.of([(i, j, 60 - i - j) for i in range(61) for j in range(61 - i)]
                                                     ).compact_faces,
    "a cube of many dimensions": lambda: polyhedron.Polyhedron.of(
        [tuple(int(k in (2 * i, 2 * j + 1)) for k in range(24)) for i in range(12) for j in range(12)]).compact_faces,
    "closure": step("closure", stratum([*monomials(99), *(f"z^{i + 1}*{m}" for i in range(40) for m in monomials(99))]),
                    {"combinations": []}),
    "a large stratum, often": lambda: [canonical(LARGE.derive(), ()) for _ in range(40)],
    "exponents of many variables": lambda: optimum.minimal(
        [(*ZEROS, i, j, 40 - i - j, k) for k in (0, 1) for i in range(41) for j in range(41 - i - k)]),
    "weights without a common denominator": lambda: optimum.weighted_bound(
        [(1,) * 200], [0] * 200, [f"1/{7**1000 + i}" for i in range(200)]),
    "a combination without a common denominator": lambda: optimum.optimum(
        [(*(int(i == j) for j in range(200)),) for i in range(200)], [0] * 200,
        {"combination": [[[int(i == j) for j in range(200)], f"1/{7**1000 + i}"] for i in range(200)],
         "weights": ["1"] * 200}),
}


@pytest.mark.parametrize("name", CASES)
def test_over_budget_in_no_time(name):
    start = time.process_time()
    with pytest.raises(OverBudget), metered(Budget(ALLOWED)):
        CASES[name]()
    assert time.process_time() - start < 20
