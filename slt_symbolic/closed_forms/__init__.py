"""The catalogue: ``closed_forms[name]`` is an entry, in the order in which `slt list` prints them."""

from __future__ import annotations

import copyreg
from typing import Any

from slt_symbolic.closed_forms import (
    arrangements,
    attention,
    boltzmann,
    coinciding_units,
    cullen_2026,
    deep_linear_local,
    fourier,
    fourier_softmax,
    hidden_markov,
    latent,
    linear,
    mixtures,
    modular_addition,
    modular_addition_labels,
    naive_bayes,
    padded,
    products,
    quadratic,
    single_output,
    symmetric,
    tanh,
    tensors,
    zero_truth,
)
from slt_symbolic.closed_forms.catalogue import Catalogue, Entry, UnknownEntry
from slt_symbolic.closed_forms.claims import Claim
from slt_symbolic.closed_forms.entry import Answer
from slt_symbolic.closed_forms.formulas import ClosedForm
from slt_symbolic.errors import InvalidInput
from slt_symbolic.evidence import Evidence

closed_forms = Catalogue((
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
    fourier_softmax.MODULAR_ADDITION_FOURIER_SOFTMAX,
    symmetric.SYMMETRIC_FACTORISATION,
    linear.REDUCED_RANK_REGRESSION,
    linear.REDUCED_RANK_REGRESSION_LOCAL,
    linear.DEEP_LINEAR,
    deep_linear_local.DEEP_LINEAR_LOCAL,
    attention.ONE_HEAD_ATTENTION,
    products.STOCHASTIC_FACTORISATION,
    products.NONNEGATIVE_FACTORISATION,
    products.LINEAR_CONVOLUTION,
    tensors.CP_TENSOR,
    tanh.TANH_ZERO_TRUTH,
    tanh.VANDERMONDE,
    mixtures.NORMAL_MIXTURE,
    mixtures.POISSON_MIXTURE,
    mixtures.BINOMIAL_MIXTURE,
    naive_bayes.NAIVE_BAYES,
    hidden_markov.HIDDEN_MARKOV,
    boltzmann.RESTRICTED_BOLTZMANN,
    latent.FACTOR_ANALYSIS,
    latent.LATENT_FOREST,
    arrangements.HYPERPLANE_ARRANGEMENT,
    cullen_2026.COROLLARY_4_2,
    cullen_2026.THEOREM_5_1,
    cullen_2026.THEOREM_5_2,
    cullen_2026.COROLLARY_5_3,
    cullen_2026.COROLLARY_5_4,
))


def closed_form(name: str) -> ClosedForm:
    """The closed form that is called so; raises `InvalidInput`, which names the one that may be meant.

    >>> closed_form("quadratic-dead-unit").expr
    Min(d/4, p/2)
    """
    entry = closed_forms[name]
    if isinstance(entry, ClosedForm):
        return entry
    raise InvalidInput(name, "is a claim, not a closed form", f'claim("{name}")')


def claim(name: str) -> Claim:
    """The published claim that is called so; raises `InvalidInput`, which names the one that may be meant.

    >>> claim("cullen-2026-thm-5.1").statement
    'lambda = r/2, r the rank of the Fisher matrix'
    """
    entry = closed_forms[name]
    if isinstance(entry, Claim):
        return entry
    raise InvalidInput(name, "is a closed form, not a claim", f'closed_form("{name}")')


def _named(name: str) -> Entry:
    return closed_forms[name]


def _reduced(entry: Entry) -> Any:
    """What pickle keeps: of an entry of the catalogue, which holds functions, its name; any other one as usual."""
    return (_named, (entry.name,)) if closed_forms.get(entry.name) is entry else object.__reduce_ex__(entry, 2)


copyreg.pickle(ClosedForm, _reduced)
copyreg.pickle(Claim, _reduced)

__all__ = ["Answer", "Catalogue", "Claim", "ClosedForm", "Entry", "Evidence", "UnknownEntry", "claim", "closed_form",
           "closed_forms"]
