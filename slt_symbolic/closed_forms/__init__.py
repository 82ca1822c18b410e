"""The catalogue: ``closed_forms[name]`` is an entry, in the order in which `slt list` prints them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from slt_symbolic.closed_forms import (
    coinciding_units,
    cullen_2026,
    fourier,
    linear,
    modular_addition,
    modular_addition_labels,
    padded,
    quadratic,
    single_output,
    symmetric,
    zero_truth,
)
from slt_symbolic.closed_forms.claim import Claim
from slt_symbolic.closed_forms.closed_form import ClosedForm
from slt_symbolic.closed_forms.entry import Answer
from slt_symbolic.evidence import Evidence

Entry = ClosedForm | Claim

closed_forms: Mapping[str, Entry] = MappingProxyType({entry.name: entry for entry in (
    quadratic.QUADRATIC_GENERIC,
    quadratic.QUADRATIC_LAZY,
    quadratic.QUADRATIC_NTK,
    quadratic.QUADRATIC_DEAD_UNIT,
    zero_truth.QUADRATIC_ZERO_TRUTH,
    padded.QUADRATIC_PADDED,
    single_output.QUADRATIC_SINGLE_OUTPUT,
    coinciding_units.QUADRATIC_COINCIDING_UNITS,
    modular_addition.MODULAR_ADDITION_GENERIC,
    modular_addition_labels.MODULAR_ADDITION_LABELS,
    modular_addition.MODULAR_ADDITION_DEAD_UNIT,
    fourier.MODULAR_ADDITION_FOURIER,
    symmetric.SYMMETRIC_FACTORISATION,
    linear.REDUCED_RANK_REGRESSION,
    linear.REDUCED_RANK_REGRESSION_LOCAL,
    linear.DEEP_LINEAR,
    cullen_2026.COROLLARY_4_2,
    cullen_2026.THEOREM_5_1,
    cullen_2026.THEOREM_5_2,
    cullen_2026.COROLLARY_5_3,
    cullen_2026.COROLLARY_5_4,
)})

__all__ = ["Answer", "Claim", "ClosedForm", "Entry", "Evidence", "closed_forms"]
