"""The families by which the atlas is browsed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from slt_symbolic.closed_forms import Claim, Entry


@dataclass(frozen=True)
class Family:
    """Entries whose names have a common pattern."""

    title: str
    pattern: str


OTHERS = Family("Further models", "")
FAMILIES = (
    Family("Quadratic networks", "quadratic-"),
    Family("Modular addition", "modular-addition-"),
    Family("Linear networks", "symmetric-factorisation|reduced-rank-|deep-linear|linear-convolution"),
    Family("Other networks", "tanh-|vandermonde|.*attention"),
    Family("Statistical models", ".*-mixture$|naive-bayes|factor-analysis|latent-|stochastic-|nonnegative-|hidden-|"
                                 "restricted-"),
    OTHERS,
)
CLAIMS = Family("Published claims", "")


def family_of(entry: Entry) -> Family:
    """The first family whose pattern the name begins with; claims are a family of their own.

    >>> from slt_symbolic import closed_forms
    >>> family_of(closed_forms["deep-linear"]).title
    'Linear networks'
    """
    if isinstance(entry, Claim):
        return CLAIMS
    return next(family for family in FAMILIES if re.match(family.pattern, entry.name))
