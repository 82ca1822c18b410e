"""What a catalogue entry is: a formula as data, and the one way in which sizes are put into it.

Two kinds. A `ClosedForm` is a formula of ours: proved, or decided anew at each size by an exact
computation that does not read the formula. A `Claim` is a published statement; its verdict is computed
at concrete sizes by comparison with the entry that decides them.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

import sympy

from slt_symbolic.errors import Contradiction, InvalidInput
from slt_symbolic.threshold import Threshold

Grade = Literal["proved", "certified", "cited", "numerical", "refuted"]
LARGEST_SIZE = 10**18
Sizes = Mapping[str, Any]  # a value for each parameter; pairs, where given, under "pairs"


@dataclass(frozen=True)
class Source:
    r"""A reference under a permanent key; what is not known of it is left empty.

    ``kind``   that of its BibTeX entry
    ``title``  mathematics between dollar signs
    ``venue``  the journal, publisher or school

    >>> source = Source("key-2005", "article", ("Aoyagi", "Lin"), r"On $m \times n$", 2005, "Neural Networks", "18")
    >>> source.text
    'Aoyagi, Lin, On m x n, Neural Networks 18 (2005)'
    >>> print(source.bibtex)
    @article{key-2005,
      author = {Aoyagi and Lin},
      title = {{On $m \times n$}},
      year = {2005},
      journal = {Neural Networks},
      volume = {18},
    }
    """

    key: str
    kind: Literal["article", "book", "phdthesis", "misc"]
    authors: tuple[str, ...]
    title: str
    year: int | None = None
    venue: str = ""
    volume: str = ""
    arxiv: str = ""

    @property
    def text(self) -> str:
        """The reference in one line of plain text."""
        where = f"arXiv:{self.arxiv}" if self.arxiv else " ".join(filter(None, (self.venue, self.volume)))
        line = ", ".join(filter(None, (*self.authors, self.title, where)))
        for latex, plain in ((r"\times", "x"), (r"\gg", ">>"), (r"\ge", ">="), (r"\mathbb", ""), (r"\mathcal", "")):
            line = line.replace(latex, plain)
        return re.sub("[{}$]", "", line) + ("" if self.year is None else f" ({self.year})")

    @property
    def bibtex(self) -> str:
        """The reference as an entry of a BibTeX file."""
        venue = {"book": "publisher", "phdthesis": "school"}.get(self.kind, "journal")
        fields = {"author": " and ".join(self.authors), "title": f"{{{self.title}}}", "year": self.year,
                  venue: self.venue, "volume": self.volume}
        if self.arxiv:  # older styles print the note only
            fields |= {"eprint": self.arxiv, "archiveprefix": "arXiv", "note": f"arXiv:{self.arxiv}"}
        lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
        return f"@{self.kind}{{{self.key},\n{lines}}}"


@dataclass(frozen=True)
class Evidence:
    """How far a statement is to be trusted, why, and where it comes from."""

    grade: Grade
    how: str
    sources: tuple[Source, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"grade": self.grade, "how": self.how, "sources": [source.text for source in self.sources]}


@dataclass(frozen=True)
class Parameter:
    """A symbol of a formula: an integer ``>= minimum``, or a flag (0 or 1 in the formula).

    With a ``length`` it is a list of at least so many of them, as text joined by ``-``: no symbol, see `Derived`.
    """

    name: str
    meaning: str
    minimum: int = 1
    is_flag: bool = False
    length: int = 0
    default: sympy.Expr | None = None  # in terms of the parameters before it

    @property
    def symbol(self) -> sympy.Symbol:
        """The symbol that stands for it in the formulas."""
        return sympy.Symbol(self.name)

    def check(self, value: object) -> int | tuple[int, ...]:
        """``value`` as an integer, or as a tuple of them, or `InvalidInput`."""
        argument = f"{self.name}={value}"
        if self.is_flag:
            if isinstance(value, int) and value in (0, 1):
                return int(value)
            raise InvalidInput(argument, "must be true or false", f"{self.name}=true")
        if self.length:
            parts = _parts(value)
            problem = f"must be at least {self.length} integers >= {self.minimum}"
            example = f"{self.name}={'-'.join(self.length * [str(self.minimum + 1)])}"
        else:
            parts = [value]
            problem, example = f"must be an integer >= {self.minimum}", f"{self.name}={max(self.minimum, 1)}"
        numbers = [number for part in parts if (number := _integer(part)) is not None and number >= self.minimum]
        if len(numbers) < max(len(parts), self.length):
            raise InvalidInput(argument, problem, example)
        if max(numbers) > LARGEST_SIZE:
            raise InvalidInput(self.name, f"must be at most {LARGEST_SIZE}", example)
        return tuple(numbers) if self.length else numbers[0]


def _integer(value: object) -> int | None:
    """``value`` if it is an integer, else None; a flag is none."""
    try:
        return None if isinstance(value, bool) else operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        return None


def _parts(value: object) -> list[object]:
    """The entries of a list or of a text like ``2-3-2``; no entries where it is neither."""
    if isinstance(value, str):
        return [int(part) if re.fullmatch("[0-9]{1,100}", part) else part for part in value.split("-")]
    return list(value) if isinstance(value, list | tuple) else []


@dataclass(frozen=True)
class Derived:
    """Symbols of a formula that stand for numbers computed from the sizes: ``values`` gives them in this order."""

    symbols: tuple[sympy.Symbol, ...]
    values: Callable[[Sizes], tuple[int, ...]]


@dataclass(frozen=True)
class Condition:
    """A relation between sizes that the domain asks for."""

    holds: sympy.Basic
    problem: str
    remedy: str


@dataclass(frozen=True)
class Answer:
    """``(lambda, m)`` of an entry at concrete sizes, with brackets and evidence.

    ``lambda_`` is None where only the bracket is known. ``claimed`` is what a published claim says there.
    """

    name: str
    sizes: Sizes
    lambda_: Fraction | None
    multiplicity: int | None
    lower: Fraction
    upper: Fraction
    evidence: Evidence
    claimed: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The answer as plain data, rationals as strings."""
        data: dict[str, Any] = {
            "name": self.name,
            "lambda": None if self.lambda_ is None else str(self.lambda_),
            "multiplicity": self.multiplicity,
            "lower": str(self.lower),
            "upper": str(self.upper),
            "evidence": self.evidence.to_json(),
        }
        return data if self.claimed is None else data | {"claimed": self.claimed}


@dataclass(frozen=True)
class _Entry:
    """What formulas and claims share: a name, symbols and a domain."""

    name: str
    title: str
    parameters: tuple[Parameter, ...]
    sources: tuple[Source, ...]
    conditions: tuple[Condition, ...] = field(default=(), kw_only=True)
    derived: Derived = field(default=Derived((), lambda sizes: ()), kw_only=True)
    derivation: str | None = field(default=None, kw_only=True)  # the file under derivations/

    @property
    def symbols(self) -> tuple[sympy.Symbol, ...]:
        """The symbols of the formula: those of the parameters in their order, then the derived ones."""
        return (*(parameter.symbol for parameter in self.parameters if not parameter.length), *self.derived.symbols)

    def arguments(self, sizes: Sizes) -> tuple[int, ...]:
        """The values of `symbols` at these sizes."""
        own = (sizes[parameter.name] for parameter in self.parameters if not parameter.length)
        return (*own, *self.derived.values(sizes))

    def check(self, /, **values: object) -> dict[str, Any]:
        """All sizes, defaults filled in, or `InvalidInput`."""
        known = [parameter.name for parameter in self.parameters]
        for name in values:
            if name not in known:
                raise InvalidInput(name, f"is not a parameter of {self.name}", ", ".join(f"{n}=..." for n in known))
        sizes: dict[str, Any] = {}
        for parameter in self.parameters:
            if parameter.name in values:
                sizes[parameter.name] = parameter.check(values[parameter.name])
            elif parameter.default is None:
                raise InvalidInput(parameter.name, f"is missing: {parameter.meaning}", f"{parameter.name}=...")
            else:
                earlier = {x.symbol: sizes[x.name] for x in self.parameters if x.name in sizes}
                sizes[parameter.name] = int(parameter.default.subs(earlier))
        for condition in self.conditions:
            if not bool(self._substitute(condition.holds, sizes)):
                raise InvalidInput(format_sizes(sizes), condition.problem, condition.remedy)
        return sizes

    def _substitute(self, expr: sympy.Basic, sizes: Sizes) -> Any:
        return expr.subs(dict(zip(self.symbols, self.arguments(sizes), strict=True)))

    def value(self, expr: sympy.Expr, sizes: Sizes) -> Fraction:
        """A formula of this entry at these sizes."""
        number = self._substitute(expr, sizes)
        return Fraction(int(number.p), int(number.q))


@dataclass(frozen=True)
class ClosedForm(_Entry):
    """A formula for ``(lambda, m)`` with its domain and its evidence.

    ``recompute``  an exact, independent computation at given sizes: the audit compares it with the formula
    ``decide``     how `at` finds the answer and its grade at given sizes; None if the formula is proved
    ``audits``     sizes at which `slt verify` recomputes; every branch of the formula occurs
    ``more_audits``  sizes that ``--level full`` adds
    """

    expr: sympy.Expr
    multiplicity: sympy.Expr
    assumptions: tuple[str, ...]
    evidence: Evidence
    recompute: Callable[[Sizes], Threshold]
    audits: tuple[Sizes, ...]
    more_audits: Callable[[], tuple[Sizes, ...]] = tuple
    decide: Callable[[Sizes], tuple[Grade, Threshold]] | None = None
    accepts_pairs: bool = False

    def check(self, /, **values: object) -> dict[str, Any]:
        """All sizes, defaults filled in, or `InvalidInput`; explicit ``pairs`` fix N and components."""
        if not self.accepts_pairs or "pairs" not in values:
            return super().check(**values)
        from slt_symbolic.networks.data import check_pairs, component_count

        for name in ("N", "components"):
            if name in values:
                raise InvalidInput(name, "is already given by pairs", "without it")
        values = dict(values)
        given = values.pop("pairs")
        sizes = super().check(**values)
        pairs = check_pairs(sizes["p"], given, bool(sizes["centred"]))
        return {**sizes, "N": len(pairs), "components": component_count(sizes["p"], pairs), "pairs": pairs}

    def formula(self, sizes: Sizes) -> tuple[Fraction, int]:
        """The formula's ``(lambda, m)`` at checked sizes."""
        return self.value(self.expr, sizes), int(self.value(self.multiplicity, sizes))

    def at(self, /, **values: object) -> Answer:
        """``(lambda, m)`` at concrete sizes.

        Raises `InvalidInput` outside the domain and `Contradiction` if an exact computation refutes the formula.
        """
        sizes = self.check(**values)
        value, multiplicity = self.formula(sizes)
        if self.decide is None:
            return Answer(self.name, sizes, value, multiplicity, value, value, self.evidence)
        grade, threshold = self.decide(sizes)
        evidence = Evidence(grade, threshold.how, self.sources)
        if grade == "cited":
            if not threshold.lower <= value <= threshold.upper:
                raise Contradiction(self.name, format_sizes(sizes), f"formula {value}, exact {threshold.how}")
            evidence = Evidence(grade, f"formula of the sources; proved is {threshold.how}", self.sources)
            return Answer(self.name, sizes, value, multiplicity, threshold.lower, threshold.upper, evidence)
        if "pairs" not in sizes and threshold.lambda_ not in (None, value):
            raise Contradiction(self.name, format_sizes(sizes), f"formula {value}, exact {threshold.how}")
        return Answer(self.name, sizes, threshold.lambda_, threshold.multiplicity, threshold.lower, threshold.upper,
                      evidence)


@dataclass(frozen=True)
class Record:
    """A recorded verdict: ``below = lambda - claimed lower end``, ``above = claimed upper end - lambda``."""

    sizes: Sizes
    below: Fraction
    above: Fraction

    @property
    def holds(self) -> bool:
        """Whether the claim is true at these sizes."""
        return self.below >= 0 and self.above >= 0

    @property
    def verdict(self) -> str:
        """The verdict in words, quantified."""
        if not self.holds:
            excess, direction = (-self.below, "too large") if self.below < 0 else (-self.above, "too small")
            return f"refuted: {excess} {direction}"
        if self.below == self.above == 0:
            return "holds"
        attained = "upper end attained" if self.above == 0 else "lower end attained" if self.below == 0 else "strict"
        return f"holds ({attained})"


@dataclass(frozen=True)
class Claim(_Entry):
    """A published statement ``lower_expr <= lambda <= upper_expr`` (equal ends: a formula).

    ``truth``    what decides it at given sizes, as `Answer` (fast) ...
    ``recompute``  ... and by an independent exact computation, for the audit
    ``records``  the verdicts found before; `slt verify` computes them again and compares
    """

    lower_expr: sympy.Expr
    upper_expr: sympy.Expr
    statement: str
    reason: str
    truth: Callable[[Sizes], Answer]
    recompute: Callable[[Sizes], Threshold]
    records: tuple[Record, ...]

    def ends(self, sizes: Sizes) -> tuple[Fraction, Fraction]:
        """The claimed interval at checked sizes."""
        return self.value(self.lower_expr, sizes), self.value(self.upper_expr, sizes)

    def judge(self, sizes: Sizes, exact: Fraction) -> Record:
        """The verdict at ``sizes`` where ``exact`` is the true value."""
        lower, upper = self.ends(sizes)
        return Record(sizes, exact - lower, upper - exact)

    def at(self, /, **values: object) -> Answer:
        """The true ``(lambda, m)`` at these sizes, what is claimed there, and the verdict."""
        sizes = self.check(**values)
        truth = self.truth(sizes)
        lower, upper = self.ends(sizes)
        claimed = str(lower) if lower == upper else f"{lower} <= lambda <= {upper}"
        evidence = truth.evidence
        if truth.lambda_ is not None:
            record = self.judge(sizes, truth.lambda_)
            grade: Grade = evidence.grade if record.holds else "refuted"
            verdict = record.verdict
        elif upper < truth.lower or lower > truth.upper:
            grade, verdict = "refuted", "refuted: outside the bracket"
        else:
            grade, verdict = evidence.grade, "undecided"
        how = f"claimed {claimed}: {verdict}; {evidence.how}"
        return Answer(self.name, sizes, truth.lambda_, truth.multiplicity, truth.lower, truth.upper,
                      Evidence(grade, how, (*self.sources, *evidence.sources)), claimed)


def format_sizes(sizes: Sizes) -> str:
    """``p=5 K=3 widths=2-3-2`` for printing; long lists of pairs are only counted."""
    return " ".join(f"{name}={_shown(name, value)}" for name, value in sizes.items())


def _shown(name: str, value: object) -> object:
    if name == "pairs" and isinstance(value, list | tuple):
        return f"({len(value)} of them)"
    return "-".join(map(str, value)) if isinstance(value, list | tuple) else value
