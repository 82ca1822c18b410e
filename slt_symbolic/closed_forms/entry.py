"""What a catalogue entry is: a formula as data, and the one way in which sizes are put into it.

Two kinds. A `ClosedForm` is a formula of ours: proved, or decided anew at each size by an exact
computation that does not read the formula. A `Claim` is a published statement; its verdict is computed
at concrete sizes by comparison with the entry that decides them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from inspect import Signature
from typing import Any, ClassVar

import sympy

from slt_symbolic.closed_forms.evaluation import evaluate
from slt_symbolic.closed_forms.latex import latex
from slt_symbolic.closed_forms.parameter import Condition, Derived, FrozenSizes, Parameter, Sizes, format_sizes, nothing
from slt_symbolic.errors import InvalidInput
from slt_symbolic.evidence import Source
from slt_symbolic.threshold import HasThreshold, Threshold

LAMBDA, M = sympy.symbols("lambda m")


@dataclass(frozen=True, repr=False)
class Answer(HasThreshold):
    """What is known of ``(lambda, m)`` of an entry at sizes; of a claim also what it says there, and the verdict."""

    name: str
    sizes: Sizes
    threshold: Threshold
    claimed: str | None = None
    verdict: str | None = None

    def __repr__(self) -> str:
        claimed = "" if self.claimed is None else f", claimed {self.claimed}"
        return f"{self.name} at {format_sizes(self.sizes)}: {self.threshold!r}{claimed}"

    def _repr_markdown_(self) -> str:
        return f"`{self.name} at {format_sizes(self.sizes)}`: {self._repr_latex_()} ({self.evidence.grade})"

    def to_json(self) -> dict[str, Any]:
        """The answer as plain data, rationals as strings."""
        data = {"name": self.name, **self.threshold.to_json(), "evidence": self.evidence.to_json()}
        return data if self.claimed is None else data | {"claimed": self.claimed, "verdict": self.verdict}


@dataclass(frozen=True, eq=False, repr=False)
class EntryBase(ABC):
    """What formulas and claims share: a name, symbols and a domain."""

    kind: ClassVar[str]
    name: str
    title: str
    parameters: tuple[Parameter, ...]
    sources: tuple[Source, ...]
    conditions: tuple[Condition, ...] = field(default=(), kw_only=True)
    derived: Derived = field(default=Derived((), nothing), kw_only=True)
    derivation: str | None = field(default=None, kw_only=True)  # the file under derivations/

    @property
    def symbols(self) -> tuple[sympy.Symbol, ...]:
        """The symbols of the formula: those of the parameters in their order, then the derived ones."""
        return (*(parameter.symbol for parameter in self.parameters if not parameter.length), *self.derived.symbols)

    def arguments(self, sizes: Sizes) -> tuple[int, ...]:
        """The values of `symbols` at these sizes."""
        own = (sizes[parameter.name] for parameter in self.parameters if not parameter.length)
        return (*own, *self.derived.values(sizes))

    @property
    def at(self) -> Callable[..., Answer]:
        """What answers at concrete sizes, which are given by name: ``at(d=4, p=3, K=5)``.

        Raises `InvalidInput` outside the domain, and `Contradiction` if an exact computation refutes a closed form.
        """
        def at(**sizes: object) -> Answer:
            return self._answer(FrozenSizes(self.check(**sizes)))

        at.__doc__ = "\n".join([f"Answer (lambda, m) of {self.name} at concrete sizes: {self.title}.", "",
                                *(f"{parameter.name}: {parameter.meaning}" for parameter in self.parameters)])
        vars(at)["__signature__"] = self._signature()
        return at

    @abstractmethod
    def _answer(self, sizes: Sizes) -> Answer:
        """What is known at checked sizes."""

    def _signature(self) -> Signature:
        return Signature([parameter.as_argument() for parameter in self.parameters], return_annotation=Answer)

    @property
    def domain(self) -> str:
        """The sizes that it is about, in one line."""
        conditions = (str(condition.holds) for condition in self.conditions)
        return ", ".join((*(f"{parameter.name} {parameter.domain}" for parameter in self.parameters), *conditions))

    @abstractmethod
    def equation(self, formula: Callable[[sympy.Basic], str]) -> str:
        """What it says, in one line; ``formula`` prints mathematics."""

    def __repr__(self) -> str:
        return f"{self.name} ({self.kind}): {self.equation(str)}\n  {self.domain}"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self._equation_as_latex()}$"

    def _repr_markdown_(self) -> str:
        return f"`{self.name}` ({self.kind}): {self.title}\n\n$${self._equation_as_latex()}$$\n\n`{self.domain}`"

    def _equation_as_latex(self) -> str:
        return self.equation(latex).replace(" <= ", r" \le ")

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
                sizes[parameter.name] = int(evaluate(parameter.default, earlier))
        symbols = self._values(sizes) if self.conditions else {}
        for condition in self.conditions:
            if not evaluate(condition.holds, symbols):
                raise InvalidInput(format_sizes(sizes), condition.problem, condition.remedy)
        return sizes

    def _values(self, sizes: Sizes) -> dict[Any, Any]:
        return dict(zip(self.symbols, self.arguments(sizes), strict=True))

    def value(self, expr: sympy.Expr, sizes: Sizes) -> Fraction:
        """A formula of this entry at these sizes."""
        return Fraction(evaluate(expr, self._values(sizes)))
