"""`rlct`: the real log canonical threshold of polynomials at a point, with a certificate that was verified.

The search (`resolve`) proposes, the checker (`check`) decides: the bracket returned is the one that the checker
derived from the certificate.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count as naturals
from itertools import islice
from textwrap import shorten
from typing import Any, get_args

from slt_symbolic.check.algebra.grammar import LARGEST_DEGREE, LARGEST_EXPONENT
from slt_symbolic.check.algebra.ring import Polynomial
from slt_symbolic.check.budget import OverBudget
from slt_symbolic.check.core import verify
from slt_symbolic.check.germ import Statement, germ_text, root_stratum
from slt_symbolic.check.measure import Measure, coordinates
from slt_symbolic.check.point import Number, rational_chart
from slt_symbolic.check.step import Refused
from slt_symbolic.check.stratum import Derived
from slt_symbolic.errors import InvalidInput
from slt_symbolic.evidence import Grade
from slt_symbolic.germ.germ import Germ
from slt_symbolic.germ.measure import Domain, Prior, read_measure
from slt_symbolic.germ.reading import ANY, Generator, Name, Question, Rational, read
from slt_symbolic.germ.sympy_input import shown
from slt_symbolic.search.certificate import certificate, proves_irreducible
from slt_symbolic.search.proposals.sampled_signs import takes_negative_values
from slt_symbolic.search.root import prove_root
from slt_symbolic.search.tree import Node, OutOfTime, effort, settled, time_limit, unlimited
from slt_symbolic.threshold import Bound, HasThreshold, Threshold

# The timeout bounds the whole call, up to a tenth of it: the verification gets what the search leaves, and the tenth.
SIGN_SHARE = Fraction(1, 10)  # of the timeout: a look at the signs of a function
SEARCH_SHARE = Fraction(17, 20)
GRACE = Fraction(1, 10)
LONGEST_GERM = 200  # characters of its text in the repr of an answer


@dataclass(frozen=True, repr=False)
class Resolution(HasThreshold):
    """What is proved of ``(lambda, m)`` at a germ, by a certificate that was verified."""

    statement: Statement
    threshold: Threshold
    seconds: float
    generators: tuple[str, ...]  # as they were asked; the statement has those that were read
    at: tuple[str, ...]
    where: str | None = None

    def germ_text(self) -> str:
        """The germ in one line, in the words of the question."""
        s = self.statement
        point = ", ".join(f"any real {name}" if value == ANY else f"{name} = {value}"
                          for name, value in zip(s.variables, self.at, strict=True))
        return germ_text(self.generators, point + (f" where {self.where}" if self.where else ""), s.measure.text(),
                         s.function)

    @property
    def certificate(self) -> Mapping[str, Any]:
        """What `slt check` verifies."""
        assert self.threshold.certificate is not None
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
        return {"variables": list(s.variables), "generators": list(self.generators),
                "at": dict(zip(s.variables, self.at, strict=True)), **({"where": self.where} if self.where else {}),
                **s.measure.to_json(), "function": s.function}


def proved_text(statement: Statement) -> str:
    """What a verified certificate proves of ``(lambda, m)``: maybe one side alone, or the value with a range for m."""
    lower, upper = statement.bracket.lower, statement.bracket.upper
    if upper.value is None:
        return f"lambda >= {lower.value}"
    proved = threshold_of(statement)
    if proved.lambda_ is not None and proved.multiplicity is None:
        return f"{proved}, {upper.multiplicity} <= m <= {lower.multiplicity}"
    return str(proved)


def threshold_of(statement: Statement, certificate: Mapping[str, Any] | None = None,
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

    ``where`` names one algebraic number, or several between semicolons, each by an equation and bounds that isolate
    one of its roots; coordinates may then be polynomials in them. What is proved there holds at each real root of the
    minimal polynomial. A coordinate ``"any"`` stands for all real values: the answer is then the least over all these
    points, a fibre or a linear stratum of it. Generators may be divided by polynomials that do not vanish at the point.

    ``domain`` bounds coordinates, like ``"x>=0, 0<=t<=1"``: only what is inside counts of a neighbourhood. A sign that
    SymPy's symbols have by assumption, like ``positive=True``, bounds a coordinate that is 0. ``prior`` gives the
    density ``prod |x|^h`` by its exponents, rational and above -1, like ``{"x": "-1/2"}``.

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
    >>> rlct("(x^2 - 1)^2 - y^3", at={"x": "any", "y": "any"}).lambda_
    Fraction(5, 12)
    >>> rlct("(x^2 - 2)^2 - y^3", at={"x": "c"}, where="c^2=2, 0<c<2").lambda_
    Fraction(5, 12)
    """
    started = time.monotonic()
    if isinstance(generators, Germ):
        variables = generators.variables if variables is None else variables
        generators = [str(g) for g in generators.generators]
    asked = read(generators, variables, at, where)
    texts = list(asked.shown)
    if not (isinstance(timeout, int | float | Fraction) and 0 < timeout <= sys.float_info.max):
        raise InvalidInput(f"timeout={shown(timeout)}", "is not a positive number of seconds", "10")
    if function and len(texts) != 1:
        raise InvalidInput("function", f"is one polynomial, not {len(texts)}", "one generator")
    if all(p.is_zero() for p in asked.polynomials):
        raise InvalidInput(", ".join(texts), "is the zero ideal", "a nonzero polynomial")
    if function and asked.point.free:
        raise InvalidInput("function", "is for a point: its sign is looked at there", "the terms that are squared")
    measure = read_measure(domain, prior, asked.names, asked.point, asked.assumed)
    return _resolved(asked, measure, function, started, float(timeout))


def rlct_over(places: Iterable[HasThreshold | Germ | Mapping[str, Any]], *,
              timeout: float | Fraction = 10) -> Threshold:
    """The least ``(lambda, m)`` over several places, as it is over their union: points, strata, parts of a domain.

    Each place is an answer of `rlct` or of the catalogue, a `Germ`, or a table of arguments of `rlct`, which gets
    ``timeout`` seconds; with coordinates that are ``"any"`` it is a whole fibre, or a linear stratum of one. Of places
    that leave out a part of a fibre the least is no more than an upper bound for the fibre's. The multiplicity is None
    where a place that may attain the least lambda leaves it open. Raises `InvalidInput`.

    >>> print(rlct_over([rlct("x*y", at={"x": 1}), {"generators": "x*y"}]))
    lambda = 1/2, m = 2
    >>> print(rlct_over([{"generators": "x^2*(x - 1)^3", "at": {"x": "any"}}]))
    lambda = 1/6, m = 1
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


@dataclass(frozen=True)
class _Root:
    """Where a search begins, and what a certificate has to say of it."""

    stratum: Derived
    germ: Mapping[str, Any]
    constants: Sequence[str]
    signs: Sequence[str]
    proofs: Mapping[str, Any]  # of the number of the point, if it has one
    summands: Sequence[Polynomial] = ()


def _resolved(asked: Question, measure: Measure, function: bool, started: float, timeout: float) -> Resolution:
    """The bracket of a certificate."""
    root = _root(asked, measure, function, timeout)
    if function and _is_negative(asked, root, measure, SIGN_SHARE * timeout):
        raise _negative(asked.shown[0])
    end = started + (1 + GRACE) * timeout
    last: Exception | None = None
    for tree in prove_root(settled(root.stratum), max(SEARCH_SHARE * timeout - (time.monotonic() - started), 0),
                           root.summands):
        if function and _changes_sign(tree):
            raise _negative(asked.shown[0])
        try:
            evidence = {**certificate(root.germ, tree, root.constants, root.signs), **root.proofs}
            with unlimited() if _is_short(tree) else time_limit(end - time.monotonic()):
                statement = verify(evidence)
        except (Refused, OverBudget, OutOfTime) as error:  # whatever the search did, shorter proofs stand
            last = error
            continue
        if statement.bracket.upper.value is None:
            raise _without_zeros(asked, statement)
        return Resolution(statement, threshold_of(statement, evidence), time.monotonic() - started, asked.shown,
                          asked.typed, asked.where)
    raise _unproved(asked.shown, last)


def _root(asked: Question, measure: Measure, function: bool, timeout: float) -> _Root:
    """The root stratum; at a point that is not rational, that of rational polynomials if they are equivalent."""
    names, number = list(asked.names), asked.point.number
    signs = _fresh("sign", sum(c.halves for c in coordinates(names, asked.point, measure)), names)
    constants = _fresh("alpha", 1, [*names, *signs])  # should an algebraic constant be needed
    chart, proofs = None, dict[str, Any]()
    if number is not None:
        proofs = {"irreducible": _irreducible(number, asked.where, timeout)}
        chart = _chart(asked)
        proofs |= {} if chart is None else {"chart": chart}
        constants = [number.name] if chart is None else constants

    def moved(polynomials: Sequence[Polynomial]) -> Derived:
        return root_stratum(names, polynomials, asked.point, constants, measure, signs, chart)

    try:
        summands = moved(asked.summands).generators if asked.summands else ()
    except Refused:  # one does not vanish at the point, so that they are no squares
        summands = ()
    germ = {"variables": names, "generators": list(asked.texts),
            **({"denominators": [str(d) for d in asked.denominators]} if asked.denominators else {}),
            "point": [str(x) for x in asked.point.values],
            **({"free": list(asked.point.free)} if asked.point.free else {}),
            **({"where": number.to_json()} if number else {}), "function": function, **measure.to_json()}
    return _Root(moved(asked.polynomials), germ, constants, signs, proofs, summands)


def _chart(asked: Question) -> str | None:
    """A coordinate in which the germ is one of rational polynomials, within the limits of texts."""
    for j, name in enumerate(asked.names):
        with contextlib.suppress(Refused, OverBudget):
            generators, _ = rational_chart(asked.polynomials, asked.point, j)
            if all(g.total_degree() <= LARGEST_DEGREE and max(g.degrees()) <= LARGEST_EXPONENT for g in generators):
                return name
    return None


def _irreducible(number: Number, where: str | None, timeout: float) -> list[int]:
    """What shows the checker that the polynomial of a number is irreducible."""
    try:
        with time_limit(timeout):
            proof = proves_irreducible(number.relation())
    except OutOfTime:
        proof = None
    if proof is None:
        raise InvalidInput(f"where {where}", f"the proof that {number.polynomial} is irreducible is not found",
                           "another number of the same field")
    return proof


def _is_negative(asked: Question, root: _Root, measure: Measure, seconds: float) -> bool:
    """Does the function take negative values, as far as one sees in so many seconds?"""
    number = asked.point.number
    function = root.stratum.generators[0] if number is None else root_stratum(
        asked.names, asked.polynomials, asked.point, [number.name], measure, root.signs).generators[0]
    try:
        with effort(seconds):
            return takes_negative_values(function, number)
    except OutOfTime:
        return False


def _without_zeros(asked: Question, statement: Statement) -> InvalidInput:
    """That there is no point at which all generators vanish, or that none was found."""
    empty = statement.bracket.lower.value is None
    return InvalidInput(", ".join(asked.shown), "have no common real zero there" if empty else
                        "have no common real zero there that was found in the time", "a zero of all generators")


def _unproved(texts: Sequence[str], last: Exception | None) -> Exception:
    """That not even the bounds of a single step were accepted: the germ is too large, or the program wrong."""
    if isinstance(last, OverBudget):
        return InvalidInput(shorten(", ".join(texts), LONGEST_GERM), f"is over the budget of the checker: {last}",
                            "fewer terms, variables or digits")
    return AssertionError(f"the bounds of every germ are refused ({last}): please report the germ")


def _is_short(tree: Node) -> bool:
    """A step, or several beside one another: verified in next to no time, also after the time is over."""
    return not any(child.children for child in tree.children)


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
