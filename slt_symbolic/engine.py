"""`rlct`: the real log canonical threshold of polynomials at a point, with a certificate that was verified.

The search (`resolve`) proposes, the checker (`check`) decides: the bracket returned is the one that the checker
derived from the certificate.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import count
from typing import Any

from slt_symbolic.check.bracket import Pair
from slt_symbolic.check.budget import OverBudget
from slt_symbolic.check.core import Statement, root_stratum, verify
from slt_symbolic.check.ring import Polynomial
from slt_symbolic.check.step import Refused
from slt_symbolic.errors import InvalidInput
from slt_symbolic.germ.germ import Germ
from slt_symbolic.germ.reading import Generator, Name, Rational, read
from slt_symbolic.germ.sympy_input import shown
from slt_symbolic.search.certificate import certificate
from slt_symbolic.search.proposals.sampled_signs import takes_negative_values
from slt_symbolic.search.root import prove_root
from slt_symbolic.search.tree import Node, OutOfTime, settled, time_limit, unlimited
from slt_symbolic.threshold import Threshold

# The timeout bounds the whole call, up to a half of it and a second more: the search ends in time, the verification
# gets what is left of that.
SIGN_SHARE = Fraction(1, 10)  # of the timeout: a look at the signs of a function
VERIFICATION_SHARE = Fraction(2, 5)
LEAST_VERIFICATION = Fraction(1, 4)  # seconds


@dataclass(frozen=True)
class Resolution:
    """``lower <= lambda <= upper`` at a germ, by a verified certificate."""

    statement: Statement
    certificate: Mapping[str, Any]
    seconds: float
    generators: tuple[str, ...]  # as they were asked; the statement has those that were read

    def germ_text(self) -> str:
        """The germ in one line, in the words of the question."""
        return replace(self.statement, generators=self.generators).germ_text()

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
        """The multiplicity where both bounds agree on it, else None."""
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
                "seconds": round(self.seconds, 3), "asked": self.asked()}

    def asked(self) -> dict[str, Any]:
        """The question as it was read."""
        s = self.statement
        return {"variables": list(s.variables), "generators": list(self.generators),
                "at": {name: str(x) for name, x in zip(s.variables, s.point, strict=True)}, "function": s.function}


def _finite(pair: Pair) -> Fraction:
    assert pair.value is not None, "a germ that vanishes at its point has a finite threshold"
    return pair.value


def rlct(generators: Generator | Germ | Iterable[Generator], variables: Sequence[Name] | None = None,
         at: Mapping[Any, Rational] | None = None, *, function: bool = False,
         timeout: float | Fraction = 10) -> Resolution:
    """``(lambda, m)`` of ``K = sum of squares of the generators`` at a point (default: the origin), or a bracket.

    With ``function=True`` there is one generator, and it is K itself; it must not take negative values near the point.
    Generators are texts of the polynomial grammar, polynomials of SymPy with rational coefficients, or a `Germ`. A real
    constant that multiplies a whole SymPy expression, like pi, is dropped, but for its sign. ``timeout`` is in
    seconds: what is proved by then is returned. Raises `InvalidInput`.

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
    if isinstance(generators, Germ):
        variables = generators.variables if variables is None else variables
        generators = [str(g) for g in generators.generators]
    asked = read(generators, variables, at)
    texts, names, point = list(asked.texts), list(asked.names), list(asked.point)
    if not (isinstance(timeout, int | float | Fraction) and 0 < timeout <= sys.float_info.max):
        raise InvalidInput(f"timeout={shown(timeout)}", "is not a positive number of seconds", "10")
    if function and len(texts) != 1:
        raise InvalidInput("function", f"is one polynomial, not {len(texts)}", "one generator")
    if all(p.is_zero() for p in asked.polynomials):
        raise InvalidInput(", ".join(texts), "is the zero ideal", "a nonzero polynomial")
    constants = _fresh(names)
    root = settled(root_stratum(names, asked.polynomials, point, constants))
    if function and _seen_negative(asked.at_origin()[0], SIGN_SHARE * float(timeout)):
        raise _negative(texts[0])
    end = started + (1 + VERIFICATION_SHARE) * float(timeout) + LEAST_VERIFICATION
    for tree in prove_root(root, max(float(timeout) - (time.monotonic() - started), 0)):
        if function and _changes_sign(tree):
            raise _negative(texts[0])
        evidence = certificate(texts, names, point, function, tree, constants)
        try:
            with time_limit(end - time.monotonic()) if tree.children else unlimited():
                statement = verify(evidence)
        except (Refused, OverBudget, OutOfTime):  # whatever the search did, shorter proofs stand
            continue
        return Resolution(statement, evidence, time.monotonic() - started, asked.texts)
    raise AssertionError("the bounds of every germ are refused: please report the germ")


def _seen_negative(function: Polynomial, seconds: float) -> bool:
    """Does it take negative values, as far as one sees in so many seconds?"""
    try:
        with time_limit(seconds):
            return takes_negative_values(function)
    except OutOfTime:
        return False


def _fresh(names: Sequence[str]) -> list[str]:
    """A name for an algebraic constant, should one be needed."""
    return [next(name for name in map("alpha{}".format, count(1)) if name not in names)]


def _negative(text: str) -> InvalidInput:
    return InvalidInput(text, "takes negative values near the point, so it is no loss",
                        "without --function, for the loss that is its square")


def _changes_sign(node: Node) -> bool:
    """Does the tree show that the function takes both signs?

    As long as there is one generator, it is the function times units: an odd order, or a factor of odd power whose form
    on a face takes both signs, tells.
    """
    if len(node.stratum.generators) > 1 or (node.step == "power" and node.data["exponent"] % 2 == 0):
        return False
    if any(k % 2 for k in node.stratum.orders) and not node.stratum.is_empty:
        return True
    for face in node.data.get("faces", ()):
        factors = face.get("factors", ())
        if any(factors[i][1] % 2 for i, *_ in face.get("zeros", ())):
            return True
    return any(_changes_sign(child) for child in node.children)
