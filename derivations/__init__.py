"""Runnable proofs of the catalogue's entries; `derivations` maps an entry to its derivation."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from derivations import (
    coinciding_units,
    cullen_2026,
    deep_linear,
    deep_linear_local,
    hyperplane_arrangement,
    latent_gaussian,
    least_width,
    linear_models,
    mixtures,
    modular_addition,
    modular_addition_fourier,
    modular_addition_labels,
    modular_addition_softmax,
    naive_bayes,
    one_head_attention,
    open_questions,
    other_products,
    padded_units,
    quadratic_dead_unit,
    quadratic_generic,
    reduced_rank,
    single_output,
    symmetric_factorisation,
    tanh_zero_truth,
    weight_noise,
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
    modular_addition_labels.DERIVATION,
    modular_addition.DEAD_UNIT,
    modular_addition_fourier.DERIVATION,
    modular_addition_softmax.DERIVATION,
    symmetric_factorisation.DERIVATION,
    reduced_rank.GLOBAL,
    reduced_rank.LOCAL,
    deep_linear.DERIVATION,
    deep_linear_local.DERIVATION,
    one_head_attention.DERIVATION,
    other_products.STOCHASTIC,
    other_products.CONVOLUTION,
    tanh_zero_truth.DERIVATION,
    mixtures.NORMAL,
    mixtures.POISSON,
    mixtures.BINOMIAL,
    naive_bayes.DERIVATION,
    latent_gaussian.FACTORS,
    latent_gaussian.FOREST,
    hyperplane_arrangement.DERIVATION,
    cullen_2026.COROLLARY_4_2,
    cullen_2026.THEOREM_5_1,
    cullen_2026.THEOREM_5_2,
    cullen_2026.COROLLARY_5_3,
    cullen_2026.COROLLARY_5_4,
    least_width.DERIVATION,
    open_questions.DERIVATION,
    weight_noise.DERIVATION,
)})

__all__ = ["Derivation", "derivations"]
