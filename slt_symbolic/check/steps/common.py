"""Words that several steps share: what they need of a stratum, and how they combine brackets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from slt_symbolic.check.algebra.grammar import parse
from slt_symbolic.check.algebra.ring import Polynomial
from slt_symbolic.check.algebra.signs import index, is_quasi_homogeneous, place, require_nonzero, weights_of
from slt_symbolic.check.bracket import Bracket, End
from slt_symbolic.check.optimum import optimum, weighted_bound
from slt_symbolic.check.step import require
from slt_symbolic.check.stratum import Derived, Stratum

Combine = Callable[[Sequence[Bracket]], Bracket]
Outcome = tuple[list[Derived], Combine]


def only_child(brackets: Sequence[Bracket]) -> Bracket:
    """The bracket of the only child, for steps that change the description and not ``v``."""
    return brackets[0]


def position(s: Stratum, name: Any) -> int:
    """The position of a variable."""
    return place(s.ring, name)


def polynomial(s: Stratum, text: str) -> Polynomial:
    """A polynomial of the data."""
    require(isinstance(text, str), "{} is no text of a polynomial", text)
    return parse(text, s.ring)


def generator(s: Stratum, i: Any) -> Polynomial:
    """The generator with this number."""
    return s.generators[index(i, len(s.generators), "generator")]


def require_generators(s: Stratum) -> None:
    """The loss is not identically zero."""
    require(bool(s.generators), "needs a generator; here the loss is 0")


def require_no_orders(s: Stratum) -> None:
    """The loss is the sum of squares of the generators."""
    for name, k in zip(s.names, s.orders, strict=True):
        require(k == 0, "needs orders 0; here {} has the order {}", name, k)


def require_no_jacobian(s: Stratum) -> None:
    """The measure is that of the coordinates."""
    for name, h in zip(s.names, s.jacobian, strict=True):
        require(h == 0, "needs Jacobian orders 0; here {} has the Jacobian order {}", name, h)


def require_a_point(s: Stratum) -> None:
    """The stratum is the origin alone: nothing is free, nothing a constant."""
    require(not s.free, "needs no free variable; here {} is free", ", ".join(s.names[j] for j in s.free))
    require(not s.constants, "needs no constant; here {} is one", ", ".join(s.names[j] for j in s.constants))


def require_unit(s: Stratum, p: Polynomial, proof: Any) -> None:
    """The polynomial vanishes at no point of the stratum."""
    require_nonzero(s.on_stratum(p), proof, s.units, s.constants)


def quasi_homogeneous_weights(s: Stratum, table: Any) -> list[int]:
    """Weights for which all generators are quasi-homogeneous, 0 for variables that are not named."""
    weights = weights_of(s.ring, table)
    for g in s.generators:
        require(is_quasi_homogeneous(g, weights), "{} is not quasi-homogeneous", g)
    return weights


def monomial_bound(s: Stratum, proof: Any) -> End:
    """``(lambda, m)`` of the monomials with measure ``x^h dx``, at least the germ's: ``K <= C sum of squares``."""
    return optimum(s.monomials, [s.jacobian[j] for j in s.ridges], proof)


def monomial_upper_bound(s: Stratum, proof: Any) -> End:
    """The same, or what weights that need not be optimal show of it."""
    if isinstance(proof, Mapping) and set(proof) == {"weights"}:
        return weighted_bound(s.monomials, [s.jacobian[j] for j in s.ridges], proof["weights"])
    return monomial_bound(s, proof)
