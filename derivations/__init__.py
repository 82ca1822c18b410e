"""Runnable proofs of the catalogue's entries; `derivations` maps each proved entry to its derivation."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from derivations import (
    coinciding_units,
    linear_models,
    modular_addition,
    padded_units,
    quadratic_dead_unit,
    quadratic_generic,
    single_output,
    symmetric_factorisation,
    zero_truth,
)
from derivations.framework import Derivation

derivations: Mapping[str, Derivation] = MappingProxyType({derivation.entry: derivation for derivation in (
    quadratic_generic.DERIVATION,
    linear_models.LAZY,
    linear_models.NTK,
    quadratic_dead_unit.DERIVATION,
    zero_truth.DERIVATION,
    padded_units.DERIVATION,
    single_output.DERIVATION,
    coinciding_units.DERIVATION,
    modular_addition.GENERIC,
    modular_addition.DEAD_UNIT,
    symmetric_factorisation.DERIVATION,
)})

__all__ = ["Derivation", "derivations"]
