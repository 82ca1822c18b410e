"""What a catalogue entry is: a formula as data, and the one way in which sizes are put into it.

Two kinds. A `ClosedForm` is a formula of ours: proved, or decided anew at each size by an exact
computation that does not read the formula. A `Claim` is a published statement; its verdict is computed
at concrete sizes by comparison with the entry that decides them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sympy

from slt_symbolic.closed_forms.parameter import Condition, Derived, Parameter, Sizes, format_sizes
from slt_symbolic.errors import InvalidInput
from slt_symbolic.evidence import Source
from slt_symbolic.threshold import HasThreshold, Threshold


@dataclass(frozen=True)
class Answer(HasThreshold):
    """What is known of ``(lambda, m)`` of an entry at concrete sizes; ``claimed`` is what a claim says there."""

    name: str
    sizes: Sizes
    threshold: Threshold
    claimed: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The answer as plain data, rationals as strings."""
        data = {"name": self.name, **self.threshold.to_json(), "evidence": self.evidence.to_json()}
        return data if self.claimed is None else data | {"claimed": self.claimed}


@dataclass(frozen=True)
class EntryBase:
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
