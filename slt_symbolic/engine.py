"""`rlct`: the real log canonical threshold of polynomials at a point, with a certificate that was verified.

The search (`resolve`) proposes, the checker (`check`) decides: the bracket returned is the one that the checker
derived from the certificate.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import count as naturals
from itertools import islice
from textwrap import shorten
from typing import Any, get_args

from slt_symbolic.check.algebra.ring import Polynomial
from slt_symbolic.check.bracket import Bracket
from slt_symbolic.check.budget import OverBudget
from slt_symbolic.check.core import verify
from slt_symbolic.check.germ import Statement, root_stratum
from slt_symbolic.check.measure import Measure, coordinates
from slt_symbolic.check.step import Refused
from slt_symbolic.check.stratum import Derived
from slt_symbolic.errors import InvalidInput
from slt_symbolic.evidence import Grade
from slt_symbolic.germ.germ import Germ
from slt_symbolic.germ.measure import Domain, Prior, read_measure
from slt_symbolic.germ.reading import AlgebraicQuestion, Generator, Name, Question, Rational, read, read_where
from slt_symbolic.germ.sympy_input import shown
from slt_symbolic.search.certificate import certificate, proves_irreducible, verified_from
from slt_symbolic.search.proposals.sampled_signs import takes_negative_values
from slt_symbolic.search.root import prove_root
from slt_symbolic.search.tree import Node, OutOfTime, settled, time_limit, unlimited
from slt_symbolic.threshold import Bound, HasThreshold, Threshold

# The timeout bounds the whole call, up to a tenth of it: the verification gets what the search leaves, and the tenth.
SIGN_SHARE = Fraction(1, 10)  # of the timeout: a look at the signs of a function
SEARCH_SHARE = Fraction(17, 20)
GRACE = Fraction(1, 10)
LONGEST_GERM = 200  # characters of its text in the repr of an answer


@dataclass(frozen=True)
class AlgebraicStatement:
    """What the checker accepted of a germ at a point with coordinates in one algebraic number.

    A certificate has no place for such a point: its statement is about rational ones. Where the germ is that of
    rational polynomials in the ``coordinate``, a certificate of these was verified. Elsewhere the checker's functions
    verified the same steps in the coordinates ``x - c``, with the number's minimal polynomial; what they accept holds
    for each of its real roots.
    """

    variables: tuple[str, ...]
    generators: tuple[str, ...]
    point: tuple[str, ...]
    where: str
    minimal_polynomial: str
    coordinate: str | None
    function: bool
    bracket: Bracket

    @property
    def how(self) -> str:
        """How it was verified, in some words."""
        if self.coordinate is None:
            return f"the checker accepts each step, at all real roots of {self.minimal_polynomial}"
        return f"certificate accepted for the same germ in the coordinate {self.coordinate}"

    def germ_text(self) -> str:
        """The germ in one line."""
        point = ", ".join(f"{name} = {value}" for name, value in zip(self.variables, self.point, strict=True))
        return f"K = sum of squares of {', '.join(self.generators)} at {point} where {self.where}"


@dataclass(frozen=True, repr=False)
class Resolution(HasThreshold):
    """What is proved of ``(lambda, m)`` at a germ, by a certificate that was verified, or by its steps alone."""

    statement: Statement | AlgebraicStatement
    threshold: Threshold
    seconds: float
    generators: tuple[str, ...]  # as they were asked; the statement has those that were read

    def germ_text(self) -> str:
        """The germ in one line, in the words of the question."""
        return replace(self.statement, generators=self.generators).germ_text()

    @property
    def certificate(self) -> Mapping[str, Any]:
        """What `slt check` verifies. Raises `InvalidInput` at an algebraic point, of which no file can speak."""
        if self.threshold.certificate is None:
            raise no_certificate("certificate")
        return self.threshold.certificate

    @property
    def status(self) -> str:
        """``"exact"`` where the bounds meet, else ``"bounds"``."""
        return self.threshold.status

    def __repr__(self) -> str:
        return f"{shorten(self.germ_text(), LONGEST_GERM)}\n  {proved_text(self.statement)} ({self.evidence.grade})"

    def _repr_markdown_(self) -> str:
        return f"`{shorten(self.germ_text(), LONGEST_GERM)}`: {self._repr_latex_()} ({self.evidence.grade})"

    def to_json(self) -> dict[str, Any]:
        """The contract of ``slt rlct --json``."""
        return {"status": self.status, **self.threshold.to_json(), "seconds": round(self.seconds, 3),
                "asked": self.asked()}

    def asked(self) -> dict[str, Any]:
        """The question as it was read."""
        s = self.statement
        where = {"where": s.where} if isinstance(s, AlgebraicStatement) else s.measure.to_json()
        return {"variables": list(s.variables), "generators": list(self.generators),
                "at": {name: str(x) for name, x in zip(s.variables, s.point, strict=True)}, **where,
                "function": s.function}


def no_certificate(argument: str) -> InvalidInput:
    """The error for what needs a certificate of a germ at an algebraic point."""
    return InvalidInput(argument, "needs a certificate, and the statement of one holds rational points only",
                        "a rational point")


def proved_text(statement: Statement | AlgebraicStatement) -> str:
    """What a verified certificate proves of ``(lambda, m)``: maybe one side alone, or the value with a range for m."""
    lower, upper = statement.bracket.lower, statement.bracket.upper
    if upper.value is None:
        return f"lambda >= {lower.value}"
    proved = threshold_of(statement)
    if proved.lambda_ is not None and proved.multiplicity is None:
        return f"{proved}, {upper.multiplicity} <= m <= {lower.multiplicity}"
    return str(proved)


def threshold_of(statement: Statement | AlgebraicStatement, certificate: Mapping[str, Any] | None = None,
                 reason: str = "certificate of the engine") -> Threshold:
    """What a verified certificate states, both sides for this reason."""
    lower, upper = statement.bracket.lower, statement.bracket.upper
    assert lower.value is not None, "a germ that vanishes at its point has a finite threshold"
    assert upper.value is not None, "the certificates of the engine bound it from above"
    multiplicity = lower.multiplicity if statement.bracket.exact else None
    return Threshold.between(Bound(lower.value, reason), Bound(upper.value, reason), multiplicity, "certified",
                             certificate)


def rlct(generators: Generator | Germ | Iterable[Generator], variables: Sequence[Name] | None = None,
         at: Mapping[Any, Rational] | None = None, *, where: str | None = None, domain: Domain = None,
         prior: Prior = None, function: bool = False, timeout: float | Fraction = 10) -> Resolution:
    """``(lambda, m)`` of ``K = sum of squares of the generators`` at a point (default: the origin), or a bracket.

    With ``function=True`` there is one generator, and it is K itself; it must not take negative values near the point.
    Generators are texts of the polynomial grammar, polynomials of SymPy with rational coefficients, or a `Germ`. A real
    constant that multiplies a whole SymPy expression, like pi, is dropped, but for its sign. ``timeout`` is in
    seconds: what is proved by then is returned. Raises `InvalidInput`.

    ``where`` names one algebraic number by an equation and bounds that isolate one of its roots; coordinates may then
    be polynomials in it. What is proved there holds at each real root of its minimal polynomial, and has no
    certificate: the statement of one holds rational points only.

    ``domain`` bounds coordinates, like ``"x>=0, 0<=t<=1"``: only the part of the neighbourhood inside counts. ``prior``
    gives the density ``prod |x|^h`` by its exponents, rational and above -1, like ``{"x": "-1/2"}``.

    >>> r = rlct(["x^2 - y^3"])
    >>> r.lambda_, r.multiplicity, r.status
    (Fraction(5, 12), 1, 'exact')
    >>> rlct("x^4 + y^6", function=True).lambda_
    Fraction(5, 12)
    >>> rlct(["x + 1"])
    Traceback (most recent call last):
        ...
    slt_symbolic.errors.InvalidInput: x + 1: does not vanish at x = 0 (its value is 1); try a zero of all generators
    >>> rlct("x + y", domain="x>=0, y>=0").lambda_, rlct("x", prior="x=-1/2").lambda_
    (Fraction(1, 1), Fraction(1, 4))
    >>> rlct("(x^2 - 2)^2 - y^3", at={"x": "c"}, where="c^2=2, 0<c<2").lambda_
    Fraction(5, 12)
    """
    started = time.monotonic()
    if isinstance(generators, Germ):
        variables = generators.variables if variables is None else variables
        generators = [str(g) for g in generators.generators]
    asked = read(generators, variables, at) if where is None else read_where(generators, variables, at, where)
    texts = list(asked.texts)
    if not (isinstance(timeout, int | float | Fraction) and 0 < timeout <= sys.float_info.max):
        raise InvalidInput(f"timeout={shown(timeout)}", "is not a positive number of seconds", "10")
    if function and len(texts) != 1:
        raise InvalidInput("function", f"is one polynomial, not {len(texts)}", "one generator")
    if all(p.is_zero() for p in asked.polynomials):
        raise InvalidInput(", ".join(texts), "is the zero ideal", "a nonzero polynomial")
    if isinstance(asked, AlgebraicQuestion):
        if function or domain or prior:
            raise InvalidInput(f"where {asked.number.text}", "a loss itself, a domain and a prior are taken at "
                               "rational points only", "without them, for the sum of squares near an inner point")
        return _at_algebraic(asked, started, float(timeout))
    return _at_rational(asked, read_measure(domain, prior, asked.names, asked.point), function, started, float(timeout))


def rlct_over(places: Iterable[HasThreshold | Germ | Mapping[str, Any]], *,
              timeout: float | Fraction = 10) -> Threshold:
    """The least ``(lambda, m)`` over several places, as it is over their union: points, strata, parts of a domain.

    Each place is an answer of `rlct` or of the catalogue, a `Germ`, or a table of arguments of `rlct`, which gets
    ``timeout`` seconds. The multiplicity is None where a place that may attain the least lambda leaves it open. Raises
    `InvalidInput`.

    >>> print(rlct_over([rlct("x*y", at={"x": 1}), {"generators": "x*y"}]))
    lambda = 1/2, m = 2
    """
    answers = [place if isinstance(place, HasThreshold) else rlct(place, timeout=timeout) if isinstance(place, Germ)
               else rlct(**{"timeout": timeout, **place}) for place in places]
    if not answers:
        raise InvalidInput("rlct_over", "there are no places", "[rlct('x*y'), rlct('x*y', at={'x': 1})]")
    lower, upper = min(a.lower for a in answers), min(a.upper for a in answers)
    attaining = [a for a in answers if a.lower == lower]
    decided = lower == upper and all(a.upper == lower and a.multiplicity is not None for a in attaining)
    multiplicity = max(a.multiplicity or 0 for a in attaining) if decided else None
    reason = f"the least over {len(answers)} places"
    weakest = max((a.evidence.grade for a in answers), key=get_args(Grade).index)  # listed from the strongest on
    return Threshold.between(Bound(lower, reason), Bound(upper, reason), multiplicity, weakest)


def _at_rational(asked: Question, measure: Measure, function: bool, started: float, timeout: float) -> Resolution:
    """At a rational point: the bracket of a certificate."""
    names = list(asked.names)
    signs = _fresh("sign", sum(c.halves for c in coordinates(names, asked.point, measure)), names)
    constants = _fresh("alpha", 1, [*names, *signs])  # should an algebraic constant be needed

    def moved(polynomials: Sequence[Polynomial]) -> Derived:
        return root_stratum(names, polynomials, asked.point, constants, measure, signs)

    root = moved(asked.polynomials)
    if function and _seen_negative(root.generators[0], SIGN_SHARE * timeout):
        raise _negative(asked.texts[0])
    try:
        summands = moved(asked.summands).generators
    except Refused:  # one does not vanish at the point, so that they are no squares
        summands = ()
    germ = {"variables": names, "generators": list(asked.texts), "point": [str(x) for x in asked.point],
            "function": function, **measure.to_json()}
    end = started + (1 + GRACE) * timeout
    last: Exception | None = None
    for tree in prove_root(settled(root), max(SEARCH_SHARE * timeout - (time.monotonic() - started), 0), summands):
        if function and _changes_sign(tree):
            raise _negative(asked.texts[0])
        evidence = certificate(germ, tree, constants, signs)
        try:
            with unlimited() if _is_short(tree) else time_limit(end - time.monotonic()):
                statement = verify(evidence)
        except (Refused, OverBudget, OutOfTime) as error:  # whatever the search did, shorter proofs stand
            last = error
            continue
        return Resolution(statement, threshold_of(statement, evidence), time.monotonic() - started, asked.texts)
    raise _unproved(asked.texts, last)


def _at_algebraic(asked: AlgebraicQuestion, started: float, timeout: float) -> Resolution:
    """The same at an algebraic point: as a germ over the rationals, or else by the checker's functions over Q(c)."""
    number = asked.number
    minimal = str(number.relation(asked.ring()))

    def resolution(coordinate: str | None, bracket: Bracket) -> Resolution:
        statement = AlgebraicStatement(asked.names, asked.texts, asked.point, number.text, minimal, coordinate, False,
                                       bracket)
        return Resolution(statement, threshold_of(statement, None, statement.how), time.monotonic() - started,
                          asked.texts)

    equivalent = asked.rational_germ()
    if equivalent is not None:
        coordinate, polynomials = equivalent
        with contextlib.suppress(InvalidInput):  # beyond the limits of the grammar in that coordinate
            return resolution(coordinate, rlct(Germ.of(asked.names, polynomials), timeout=timeout).statement.bracket)
    try:
        with time_limit(timeout):
            proof = proves_irreducible(number.minimal)
    except OutOfTime:
        proof = None
    if proof is None:
        raise InvalidInput(f"where {number.text}", f"the proof that {minimal} is irreducible is not found",
                           "another number of the same field")
    names, none = list(asked.names), (0,) * (len(asked.names) + 1)
    root = Derived(asked.ring(), tuple(asked.at_origin()), frozenset(range(len(names))), none, none, (),
                   {len(names): number.relation(asked.ring())})
    end = started + (1 + GRACE) * timeout
    last: Exception | None = None
    for tree in prove_root(settled(root), max(SEARCH_SHARE * timeout - (time.monotonic() - started), 0)):
        steps = certificate({"variables": names, "function": False}, tree, [number.name])
        try:
            with unlimited() if _is_short(tree) else time_limit(end - time.monotonic()):
                return resolution(None, verified_from(root, steps))
        except (Refused, OverBudget, OutOfTime) as error:
            last = error
    raise _unproved(asked.texts, last)


def _unproved(texts: Sequence[str], last: Exception | None) -> Exception:
    """That not even the bounds of a single step were accepted: the germ is too large, or the program wrong."""
    if isinstance(last, OverBudget):
        return InvalidInput(shorten(", ".join(texts), LONGEST_GERM), f"is over the budget of the checker: {last}",
                            "fewer terms, variables or digits")
    return AssertionError(f"the bounds of every germ are refused ({last}): please report the germ")


def _is_short(tree: Node) -> bool:
    """A step, or several beside one another: verified in next to no time, also after the time is over."""
    return not any(child.children for child in tree.children)


def _seen_negative(function: Polynomial, seconds: float) -> bool:
    """Does it take negative values, as far as one sees in so many seconds?"""
    try:
        with time_limit(seconds):
            return takes_negative_values(function)
    except OutOfTime:
        return False


def _fresh(stem: str, count: int, names: Sequence[str]) -> list[str]:
    """So many names that are not taken."""
    return list(islice((name for name in map(f"{stem}{{}}".format, naturals(1)) if name not in names), count))


def _negative(text: str) -> InvalidInput:
    return InvalidInput(text, "takes negative values near the point, so it is no loss",
                        "without --function, for the loss that is its square")


def _changes_sign(node: Node) -> bool:
    """Does the tree show that the function takes both signs?

    As long as there is one generator, it is the function times units: an odd order, or a factor of odd power whose form
    on a face takes both signs, tells. A sum of squares takes one.
    """
    if len(node.stratum.generators) > 1 or node.step == "squares":
        return False
    if node.step == "power" and node.data["exponent"] % 2 == 0:
        return False
    if any(k % 2 for k in node.stratum.orders) and not node.stratum.is_empty:
        return True
    for face in node.data.get("faces", ()):
        factors = face.get("factors", ())
        if any(factors[i][1] % 2 for i, *_ in face.get("zeros", ())):
            return True
    return any(_changes_sign(child) for child in node.children)
