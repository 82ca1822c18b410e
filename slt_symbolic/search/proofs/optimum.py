"""The linear program of a stratum's monomials, with the proof that the checker multiplies out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm
from typing import Any

from slt_symbolic.check.algebra.ring import Exponent
from slt_symbolic.check.bracket import INFINITE, End
from slt_symbolic.check.optimum import minimal
from slt_symbolic.check.stratum import Stratum
from slt_symbolic.search.proofs.newton import Optimum, optimum, weights_in_general_position

LARGE = 10**6  # times the value of a linear program, beside which another one counts little


def polyhedron_bound(s: Stratum) -> End:
    """``(lambda, m)`` of the monomials with measure ``x^h dx``, at least the germ's; infinite if one is constant."""
    found = _optimum(minimal(s.monomials), _jacobian(s))
    return INFINITE if found is None else End(found.value, found.multiplicity)


def monomial_proof(s: Stratum) -> dict[str, Any] | None:
    """The proof of `slt_symbolic.check.optimum.optimum` for the monomials of a stratum."""
    return proof_of(s.monomials, _jacobian(s))


def hasty_proof(s: Stratum) -> dict[str, Any] | None:
    """Equal weights: an upper bound without a linear program."""
    least = min(sum(e) for e in s.monomials)
    return {"weights": [str(Fraction(1, least))] * len(s.ridges)} if least else None


def proof_of(exponents: Iterable[Exponent], jacobian: Sequence[int]) -> dict[str, Any] | None:
    """Combination and weights as plain data; None if a monomial is constant."""
    least = minimal(exponents)
    found = _optimum(least, jacobian)
    if found is None:
        return None
    return {"combination": [[list(e), str(t)] for e, t in zip(least, found.combination, strict=True) if t > 0],
            "weights": [str(w) for w in weights_in_general_position(least, found)]}


def preferred_weights(s: Stratum) -> list[int]:
    """Integer weights at which the linear program of the Newton polyhedron is optimal; 0 if a monomial is constant."""
    found = _optimum(minimal(s.monomials), _jacobian(s))
    return [0] * s.size if found is None else _integral(s, found.weights)


def flattest_weights(s: Stratum) -> list[int]:
    """Of the optimal weights those at which the terms together weigh least: most of them lie on the face.

    The linear program alone leaves the choice among optimal weights to the order of the variables.
    """
    least, h = minimal(s.monomials), _jacobian(s)
    found = _optimum(least, h)
    if found is None or not found.directions:
        return preferred_weights(s)
    together = [sum(column) for column in zip(*s.monomials, strict=True)]
    flat = _optimum(least, [LARGE * (a + 1) + b - 1 for a, b in zip(h, together, strict=True)])
    assert flat is not None, "it has the constraints of the other one"
    value = sum((w * (a + 1) for w, a in zip(flat.weights, h, strict=True)), Fraction(0)) / 2
    return _integral(s, flat.weights if value == found.value else found.weights)


def _optimum(least: Sequence[Exponent], jacobian: Sequence[int]) -> Optimum | None:
    return optimum(tuple(least), tuple(jacobian)) if any(least[0]) else None


def _integral(s: Stratum, weights: Sequence[Fraction]) -> list[int]:
    """A multiple, for all variables of the ring."""
    scale = lcm(*(w.denominator for w in weights))
    table = dict(zip(s.ridges, weights, strict=True))
    return [int(table.get(j, Fraction(0)) * scale) for j in range(s.size)]


def _jacobian(s: Stratum) -> list[int]:
    return [s.jacobian[j] for j in s.ridges]
