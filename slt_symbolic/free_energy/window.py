"""Free energies within windows: sampled values of the bounded terms, for points that are given by their weights.

A window is the prior ``N(w*, I/gamma)`` around a minimiser w*, of the same width around both points that are compared.
Where minimisers form a manifold near w* and the Hessian has rank r, the free energy within the window, less
``n L(w*)``, is ``F(n) = r/2 log n + c + o(1)``. The bounded term c belongs to the point and the window, not to lambda:
rescaling units, which leaves the function as it is, changes it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

CERTAIN = 4  # standard errors, from which on a sign is taken for settled


@dataclass(frozen=True)
class WindowFreeEnergy:
    """``F(n)`` and the bounded term ``c``, in nats, with their errors; ``shape`` is ``1/2 sum log(h_i/gamma)``.

    ``h_i`` are the nonzero eigenvalues of the Hessian: what c would be if the loss were quadratic. ``coldest`` is the
    largest n at which it was sampled; beyond ``settled``, ``gamma`` over the least h_i, all directions are narrower
    than the window, and only there F is near ``r/2 log n + c``.
    """

    gamma: float
    shape: float
    bounded: float
    bounded_error: float
    at_n: float
    at_n_error: float
    coldest: float
    settled: float

    @property
    def fibre(self) -> float:
        """What the manifold of minimisers within the window adds to the shape of the loss at the point."""
        return self.bounded - self.shape


@dataclass(frozen=True)
class WindowDifference:
    """The free energies of two points within windows of the same width, and how much the losses add at n."""

    a: WindowFreeEnergy
    b: WindowFreeEnergy
    loss_term: Fraction

    @property
    def bounded(self) -> tuple[float, float]:
        """``c_A - c_B``, with its error."""
        return self.a.bounded - self.b.bounded, math.hypot(self.a.bounded_error, self.b.bounded_error)

    @property
    def at_n(self) -> tuple[float, float]:
        """``F_A - F_B`` at n itself, with its error."""
        return (float(self.loss_term) + self.a.at_n - self.b.at_n, math.hypot(self.a.at_n_error, self.b.at_n_error))

    @property
    def settled(self) -> float:
        """The n beyond which the leading and the bounded terms are nearly all of ``F_A - F_B``."""
        return max(self.a.settled, self.b.settled)

    @property
    def preferred(self) -> str | None:
        """``"A"`` or ``"B"``, with the smaller free energy at n; None where the error leaves it open."""
        value, error = self.at_n
        return None if abs(value) <= CERTAIN * error else "B" if value > 0 else "A"

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        (bounded, bounded_error), (at_n, at_n_error) = self.bounded, self.at_n
        return {"gamma": self.a.gamma, "bounded": bounded, "bounded_error": bounded_error,
                "shape": self.a.shape - self.b.shape, "at_n": at_n, "at_n_error": at_n_error,
                "preferred": self.preferred, "settled": self.settled}
