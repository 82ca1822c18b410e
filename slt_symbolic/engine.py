"""`rlct`: the real log canonical threshold of polynomials at a point, with a certificate that was verified.

The search (`resolve`) proposes, the checker (`check`) decides: the bracket returned is the one that the checker
derived from the certificate.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from typing import Any, TypeAlias

import sympy
from flint import fmpq, fmpq_mpoly

from slt_symbolic.certificate import certificate
from slt_symbolic.check.core import Statement, root_stratum, verify
from slt_symbolic.check.grammar import identifiers, is_identifier, parse, rational
from slt_symbolic.check.pairs import Pair
from slt_symbolic.check.ring import ring_of, substitute
from slt_symbolic.check.step import Refused
from slt_symbolic.errors import InvalidInput
from slt_symbolic.germ import Germ
from slt_symbolic.resolve.bounds import bounded
from slt_symbolic.resolve.root import prove_root
from slt_symbolic.resolve.signs import takes_negative_values
from slt_symbolic.resolve.tree import Node, settled
from slt_symbolic.threshold import Threshold

Polynomial: TypeAlias = "str | sympy.Expr | sympy.Poly"
Rational: TypeAlias = "int | str | Fraction | sympy.Rational"


@dataclass(frozen=True)
class Resolution:
    """``lower <= lambda <= upper`` at a germ, by a verified certificate."""

    statement: Statement
    certificate: Mapping[str, Any]
    seconds: float

    @property
    def lower(self) -> Fraction:
        """A proved lower bound."""
        return _finite(self.statement.bracket.lower)

    @property
    def upper(self) -> Fraction:
        """A proved upper bound."""
        return _finite(self.statement.bracket.upper)

    @property
    def lambda_(self) -> Fraction | None:
        """The threshold where the bounds meet, else None."""
        return self.lower if self.lower == self.upper else None

    @property
    def multiplicity(self) -> int | None:
        """Its multiplicity where both bounds agree on it, else None."""
        return self.statement.bracket.lower.multiplicity if self.statement.bracket.exact else None

    @property
    def status(self) -> str:
        """``"exact"`` where the bounds meet, else ``"bounds"``."""
        return "exact" if self.lower == self.upper else "bounds"

    def threshold(self, reason: str) -> Threshold:
        """The bracket, both sides for this reason, with the certificate."""
        return Threshold(self.lower, self.upper, self.multiplicity, reason, reason, self.certificate)

    def to_json(self) -> dict[str, Any]:
        """The contract of ``slt rlct --json``."""
        return {"status": self.status, "lambda": None if self.lambda_ is None else str(self.lambda_),
                "multiplicity": self.multiplicity, "lower": str(self.lower), "upper": str(self.upper),
                "seconds": round(self.seconds, 3)}


def _finite(pair: Pair) -> Fraction:
    assert pair.value is not None, "a germ that vanishes at its point has a finite threshold"
    return pair.value


def rlct(generators: Polynomial | Germ | Sequence[Polynomial], variables: Sequence[str | sympy.Symbol] | None = None,
         at: Mapping[Any, Rational] | None = None, *, function: bool = False,
         timeout: float | Fraction = 10) -> Resolution:
    """``(lambda, m)`` of ``K = sum of squares of the generators`` at a point (default: the origin), or a bracket.

    With ``function=True`` there is one generator, and it is K itself; it must not take negative values near the point.
    Generators are texts of the polynomial grammar, SymPy expressions or polynomials, or a `Germ`. ``timeout`` is
    in seconds and ends the search, not the verification that follows. Raises `InvalidInput`.

    >>> r = rlct(["x^2 - y^3"])
    >>> r.lambda_, r.multiplicity, r.status
    (Fraction(5, 12), 1, 'exact')
    >>> rlct("x^4 + y^6", function=True).lambda_
    Fraction(5, 12)
    >>> rlct(["x + 1"])
    Traceback (most recent call last):
        ...
    slt_symbolic.errors.InvalidInput: x + 1: does not vanish at x = 0 (its value is 1); try a zero of all generators
    """
    started = time.monotonic()
    texts, names = _texts(generators, variables)
    point = _point(names, at or {})
    if not (isinstance(timeout, int | float | Fraction) and math.isfinite(timeout) and timeout > 0):
        raise InvalidInput(f"timeout={timeout}", "is not a positive number of seconds", "10")
    if function and len(texts) != 1:
        raise InvalidInput("function", f"is one polynomial, not {len(texts)}", "one generator")
    _require_zeros(texts, names, point)
    constants = _fresh(names)
    root = settled(root_stratum(names, texts, point, constants))
    if function and takes_negative_values(_at_origin(texts[0], names, point)):
        raise _negative(texts[0])
    tree = prove_root(root, float(timeout))
    if function and _changes_sign(tree):
        raise _negative(texts[0])
    evidence = certificate(texts, names, point, function, tree, constants)
    try:
        statement = verify(evidence)
    except Refused:  # whatever the search did, the bounds of the germ itself stand
        evidence = certificate(texts, names, point, function, bounded(root), constants)
        statement = verify(evidence)
    return Resolution(statement, evidence, time.monotonic() - started)


def _fresh(names: Sequence[str]) -> list[str]:
    """A name for an algebraic constant, should one be needed."""
    return [next(name for name in map("alpha{}".format, count(1)) if name not in names)]


def _texts(generators: Polynomial | Germ | Sequence[Polynomial],
           variables: Sequence[str | sympy.Symbol] | None) -> tuple[list[str], list[str]]:
    if isinstance(generators, Germ):
        variables = generators.variables if variables is None else variables
        generators = [str(g) for g in generators.generators]
    if isinstance(generators, str | sympy.Expr | sympy.Poly):
        generators = [generators]
    texts = [g.strip() if isinstance(g, str) else _text(g) for g in generators]
    if not texts:
        raise InvalidInput("generators", "there are none", "slt rlct 'x^2 - y^3'")
    if variables is None:
        names = list(dict.fromkeys(name for text in texts for name in identifiers(text)))
    else:
        names = [str(v) for v in variables]
    for name in names:
        if not is_identifier(name):
            raise InvalidInput(f"variable {name}", "is not an identifier", "x or w1_2")
    if len(set(names)) != len(names):
        raise InvalidInput(f"variables {','.join(names)}", "one is named twice", "each once")
    if not names:
        raise InvalidInput(texts[0], "has no variables", "slt rlct 'x^2 - y^3'")
    return texts, names


def _text(generator: sympy.Expr | sympy.Poly) -> str:
    """In the grammar; polynomials term by term, which is fast."""
    if not isinstance(generator, sympy.Poly):
        return str(generator)
    names = [str(x) for x in generator.gens]
    return " + ".join("*".join([f"({c})", *(f"{name}^{e}" for name, e in zip(names, exponent, strict=True) if e)])
                      for exponent, c in generator.terms())


def _point(names: Sequence[str], at: Mapping[Any, Rational]) -> list[Fraction]:
    given = {str(name): value for name, value in at.items()}
    for name, value in given.items():
        if name not in names:
            raise InvalidInput(f"{name}={value}", "names no variable", f"one of {', '.join(names)}")
        if isinstance(value, float):
            raise InvalidInput(f"{name}={value}", "is not a rational number", f"{name}=1/2")
    return [rational(str(given.get(name, 0)).strip()) for name in names]


def _require_zeros(texts: Sequence[str], names: Sequence[str], point: Sequence[Fraction]) -> None:
    ring = ring_of(names)
    polynomials = [parse(text, ring) for text in texts]
    if all(p.is_zero() for p in polynomials):
        raise InvalidInput(", ".join(texts), "is the zero ideal", "a nonzero polynomial")
    values = [ring.constant(x.numerator) / x.denominator for x in point]
    for text, p in zip(texts, polynomials, strict=True):
        value = p.compose(*values, ctx=ring)
        if not value.is_zero():
            where = ", ".join(f"{name} = {x}" for name, x in zip(names, point, strict=True))
            raise InvalidInput(text, f"does not vanish at {where} (its value is {value})",
                               "a zero of all generators")


def _at_origin(text: str, names: Sequence[str], point: Sequence[Fraction]) -> fmpq_mpoly:
    ring = ring_of(names)
    shifted = {j: x + fmpq(a.numerator, a.denominator) for j, (x, a) in enumerate(zip(ring.gens(), point, strict=True))}
    return substitute(parse(text, ring), shifted)


def _negative(text: str) -> InvalidInput:
    return InvalidInput(text, "takes negative values near the point, so it is no loss",
                        "without --function, for the loss that is its square")


def _changes_sign(node: Node) -> bool:
    """Does the tree show that the function takes both signs? As long as there is one generator, it is the function
    times units: an odd order, or a factor of odd power whose form on a face takes both signs, tells."""
    if len(node.stratum.generators) > 1 or (node.step == "power" and node.data["exponent"] % 2 == 0):
        return False
    if any(k % 2 for k in node.stratum.orders) and not node.stratum.is_empty:
        return True
    for face in node.data.get("faces", ()):
        factors = face.get("factors", ())
        if any(factors[i][1] % 2 for i, *_ in face.get("zeros", ())):
            return True
    return any(_changes_sign(child) for child in node.children)
