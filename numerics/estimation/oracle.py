"""The sampler as an oracle for `slt_symbolic.testing.check_formula`: formulas against numerics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numerics.estimation.llc import llc_of_entry
from numerics.estimation.settings import Settings
from slt_symbolic.testing import Approximation

SMALLEST_UNCERTAINTY = 1e-6  # an estimate without any scatter is not free of rounding


def sampler(name: str, point: str = "exact", **settings: Any) -> Callable[..., Approximation]:
    """The oracle that samples the network of the catalogue entry ``name`` at the sizes it is asked for.

    Of the entry only the network, its point and m are used, never its value.

    >>> from fractions import Fraction
    >>> from slt_symbolic.testing import check_formula
    >>> wrong = lambda d, p, K: Fraction(K * (d + p), 2)  # forgets that each unit can be rescaled
    >>> sizes = {"d": range(2, 3), "p": range(2, 3), "K": range(1, 2)}
    >>> print(str(check_formula(wrong, against=sampler("quadratic-generic"), sizes=sizes))[:39])
    d=2 p=2 K=1: formula 2, truth estimated
    >>> check_formula(lambda d, p, K: Fraction(K * (d + p - 1), 2), against=sampler("quadratic-generic"), sizes=sizes)
    """
    def oracle(**sizes: Any) -> Approximation:
        estimate = llc_of_entry(name, sizes, point=point, settings=Settings(**settings)).estimate
        return Approximation(estimate.mean, max(estimate.uncertainty, SMALLEST_UNCERTAINTY))

    return oracle
