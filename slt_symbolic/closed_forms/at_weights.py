"""What the engine certifies for a quadratic network at given weights, inputs that identify quadratic forms."""

from __future__ import annotations

from collections.abc import Sequence

from slt_symbolic.engine import rlct
from slt_symbolic.networks.data import QuadraticForms
from slt_symbolic.networks.quadratic import QuadraticNetwork, germ_at
from slt_symbolic.threshold import Threshold

AUDIT_SECONDS = 60  # an audit takes a few at most; on a busy machine it must not become a bracket


def threshold_at(w: Sequence[Sequence[int]], v: Sequence[Sequence[int]]) -> Threshold:
    """The bracket at ``w`` (K × d) and ``v`` (K × p); the truth is this very network.

    >>> threshold_at([[0, 0]], [[0]]).lambda_  # one dead unit: |V|^2 |w|^4
    Fraction(1, 2)
    """
    germ = germ_at(QuadraticNetwork(QuadraticForms(len(w[0])), len(v[0]), len(w)), w, v)
    return rlct(germ, timeout=AUDIT_SECONDS).threshold


def unit_vector(index: int, length: int) -> list[int]:
    """e_index, counted from 0.

    >>> unit_vector(1, 3)
    [0, 1, 0]
    """
    return [int(position == index) for position in range(length)]
