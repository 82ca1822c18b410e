"""Random germs, small enough for an answer within a second or so."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import sympy

CURVES = ("x", "y", "x - y", "x + 2*y - y^2", "y - x^2", "y^2 - x^3", "y^2 - 2*x^3", "y^3 - x^4", "y^2 - x^4",
          "y^2 + x^4", "y^2 - 2*x^4", "y^2 - x^2 - x^3", "y^2 - 2*x^2", "y^2 - 3*x^2 + x^3", "x^2 + y^2",
          "x^2 + x*y + y^2", "y^3 - 2*x^3", "y^3 - 3*x^2*y + x^3", "x*y + x^3", "y^2 - 5*x^3", "y - 2*x^2 + x^3")
LINES = ("x", "y", "z", "x - y", "x + z", "y - z", "x - z", "x + y + z", "x + y - 2*z", "2*x - z")
CONICS = ("x^2 + y^2 - z^2", "x*y - z^2", "y*z - x^2", "x^2 + 2*y^2 - 3*z^2", "x^2 - 2*y^2", "x^2 + y^2",
          "x^2 + y^2 + z^2", "x^2 + y^2 - 2*z^2", "x^2 + x*y + y^2", "x^2 - x*y + z^2 - y*z")
CUBICS = ("y^2*z - x^3", "y^2*z - x^3 - x^2*z", "y^2*z - x^3 + x^2*z", "x^3 - 2*y^3", "x^3 + y^3 + z^3",
          "x^3 - 3*x*y^2 + y^3")
DISGUISES = (("x", "y"), ("y", "x"), ("x + y", "y"), ("x - 2*y", "y"), ("x", "y + x^2"), ("x + y^2", "y"))
MOST_TERMS = 40


def plane(rng: Random) -> list[str]:
    """Generators in x and y: products of curves, deformed powers, few monomials, ideals of these."""
    kind = rng.choice(("product", "deformed", "nested", "sparse", "ideal", "ideal"))
    if kind == "ideal":
        generators = [_one(rng, 5) for _ in range(rng.randint(2, 3))]
        if rng.random() < 0.4:
            factor = _product(rng, 3)
            generators = [f"({factor})*({g})" for g in generators]
    else:
        generators = [{"product": _product, "deformed": _deformed, "nested": _nested, "sparse": sparse}[kind](rng, 9)]
    if all(sympy.expand(_parsed(g)) == 0 for g in generators):
        return plane(rng)
    return disguised(generators, rng)


def disguised(generators: Sequence[str], rng: Random) -> list[str]:
    """In other coordinates of the plane, now and then."""
    images = rng.choice(DISGUISES) if rng.random() < 0.4 else DISGUISES[0]
    symbols = sympy.symbols("x y")
    substitution = dict(zip(symbols, map(_parsed, images), strict=True))
    turned = [sympy.expand(_parsed(g).subs(substitution, simultaneous=True)) for g in generators]
    small = all(len(sympy.Add.make_args(g)) <= MOST_TERMS for g in turned)
    return [_text(g) for g in turned] if small and images != DISGUISES[0] else list(generators)


def _one(rng: Random, degree: int) -> str:
    return rng.choice((_product, _deformed, sparse, sparse))(rng, degree)


def _product(rng: Random, degree: int, pool: Sequence[str] = CURVES) -> str:
    """A product of powers of degree at most ``degree``, but of one factor at least."""
    factors: list[str] = []
    total = 0
    for curve in rng.sample(pool, rng.randint(1, 3)):
        power = rng.choice((1, 1, 1, 2, 2, 3))
        total += power * _degree(curve)
        if total <= degree or not factors:
            factors.append(f"({curve})^{power}" if total <= degree else f"({curve})")
    return "*".join(factors)


def _deformed(rng: Random, degree: int) -> str:
    """``h^e`` and a monomial of about its degree or more."""
    curve = rng.choice(CURVES)
    power = rng.randint(2, max(2, degree // max(2, _degree(curve))))
    size = power * _degree(curve) + rng.randint(-1, 2)
    a = rng.choice((0, 0, 1, 2, size))
    return f"({curve})^{power} + {_coefficient(rng)}*{_monomial((a, max(size - a, 0)), rng)}"


def _nested(rng: Random, degree: int) -> str:
    """A deformation of a power of a deformation, or times one: several steps to the end."""
    inner = _deformed(rng, degree // 2)
    if rng.random() < 0.3:
        return f"({inner})*({_deformed(rng, degree // 2)})"
    size = 2 * _degree(inner) + rng.randint(-2, 3)
    a = rng.choice((0, 1, 2, size))
    return f"({inner})^2 + {_coefficient(rng)}*{_monomial((a, max(size - a, 1)), rng)}"


def sparse(rng: Random, degree: int, names: str = "xy") -> str:
    """Two to four monomials."""
    terms = []
    for _ in range(rng.randint(1, 4)):
        exponents = [0] * len(names)
        for _ in range(rng.randint(1, degree)):
            exponents[rng.randrange(len(names))] += 1
        terms.append(f"{_coefficient(rng)}*" + "*".join(f"{x}^{e}" for x, e in zip(names, exponents, strict=True) if e))
    text = _text(sympy.expand(_parsed(" + ".join(terms))))
    return text if text != "0" else names[0]


def _coefficient(rng: Random) -> str:
    return rng.choice(("1", "1", "(-1)", "2", "(-2)", "3", "(-3)", "(1/2)"))


def _monomial(exponents: tuple[int, int], rng: Random) -> str:
    a, b = rng.sample(exponents, 2)
    return "*".join(f"{x}^{e}" for x, e in (("x", a), ("y", b)) if e) or "x"


def cone(rng: Random) -> list[str]:
    """Forms of one degree in x, y, z: a product of lines, conics and cubics, or such a product times an ideal."""
    if rng.random() < 0.6:
        pool = [*rng.sample(LINES, 3), *rng.sample(CONICS, 1), *rng.sample(CUBICS, 1)]
        return [_product(rng, 7, pool)]
    lines = rng.sample(LINES, 4)
    degree = rng.randint(1, 3)
    generators = {"*".join(f"({rng.choice(lines)})" for _ in range(degree)) for _ in range(rng.randint(2, 4))}
    if degree == 2:
        generators |= set(rng.sample(CONICS, rng.randint(0, 1)))
    if rng.random() < 0.5:
        factor = _product(rng, 3, [*lines, rng.choice(CONICS)])
        return [f"({factor})*({g})" for g in sorted(generators)]
    return sorted(generators)


def binary_forms(rng: Random) -> list[str]:
    """Forms of one degree in x and y."""
    pool = ("x", "y", "x - y", "x + 2*y", "x^2 - 2*y^2", "x^2 + y^2", "x^2 + x*y + 2*y^2", "x^3 - 2*y^3")
    common = _product(rng, 6, pool)
    if rng.random() < 0.5:
        return [common]
    degree = rng.randint(1, 3)
    others = [" + ".join(f"{_coefficient(rng)}*x^{i}*y^{degree - i}" for i in rng.sample(range(degree + 1), 2))
              for _ in range(rng.randint(1, 2))]
    return [f"({common})*({g})" for g in others]


def weighted(rng: Random) -> dict[str, object]:
    """Arguments of `tests.oracles.homogeneous.weighted`."""
    p, q = rng.choice(((1, 1), (1, 2), (2, 3), (1, 3), (3, 4), (2, 5), (3, 2)))
    pool = ([1, -1], [1, 1], [1, -2], [2, 3], [1, 0, -2], [1, 0, 1], [1, 1, 1], [1, 0, -3, 1])
    factors: list[list[object]] = []
    degree = 0
    for h in rng.sample(pool, rng.randint(1, 3)):
        e = rng.randint(1, 3)
        degree += e * (len(h) - 1) * max(p, q)
        if degree <= 12 or not factors:
            factors.append([h, e])
    return {"a": rng.choice((0, 0, 1, 2, 3)), "b": rng.choice((0, 0, 1, 2)), "p": p, "q": q, "factors": factors}


def diagonal(rng: Random) -> dict[str, object]:
    """Arguments of `tests.oracles.homogeneous.diagonal`."""
    size = rng.randint(2, 4)
    return {"coefficients": [rng.choice((1, -1, 2, -3)) for _ in range(size)],
            "exponents": [rng.choice((2, 2, 3, 4, 5, 6)) for _ in range(size)], "power": rng.choice((1, 1, 2, 3))}


def exponents(rng: Random) -> tuple[list[list[int]], list[int]]:
    """Of monomials, none of them 1, and a Jacobian order for each variable."""
    width = rng.randint(2, 4)
    count = rng.randint(1, 8 if width < 4 else 7)
    largest = rng.choice((1, 2, 5))
    points = {tuple(rng.randint(0, largest) for _ in range(width)) for _ in range(count)}
    return sorted(map(list, filter(any, points))) or [[1] * width], [rng.choice((0, 0, 1, 3)) for _ in range(width)]


def rays(rng: Random) -> list[list[int]]:
    """Independent vectors of nonnegative integers, with a positive entry in each place."""
    while True:
        width = rng.randint(1, 4)
        rows = [[rng.choice((0, 1, 1, 2, 3)) for _ in range(width)] for _ in range(rng.randint(1, width))]
        if sympy.Matrix(rows).rank() == len(rows) and all(map(any, zip(*rows, strict=True))):
            return rows


def _degree(text: str) -> int:
    """Of what vanishes at the origin; 0 for 0."""
    return int(sympy.Poly(_parsed(text) + 1, *sympy.symbols("x y z")).total_degree())


def _parsed(text: str) -> sympy.Expr:
    return sympy.sympify(text.replace("^", "**"))


def _text(expression: sympy.Expr) -> str:
    return str(expression).replace("**", "^")
