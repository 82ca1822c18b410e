"""The catalogue: ``closed_forms[name]`` is an entry, in the order in which `slt list` prints them."""

from __future__ import annotations

import copyreg
from typing import Any

from slt_symbolic.closed_forms.catalogue import Catalogue, Entry, UnknownEntry
from slt_symbolic.closed_forms.claims import Claim
from slt_symbolic.closed_forms.entry import Answer
from slt_symbolic.closed_forms.formulas import ClosedForm
from slt_symbolic.errors import InvalidInput
from slt_symbolic.evidence import Evidence

closed_forms = Catalogue({  # each with its family, a file of this folder
    "quadratic-generic": "quadratic",
    "quadratic-lazy": "quadratic",
    "quadratic-ntk": "quadratic",
    "quadratic-dead-unit": "quadratic",
    "quadratic-zero-truth": "zero_truth",
    "quadratic-padded": "padded",
    "quadratic-single-output": "single_output",
    "quadratic-coinciding-units": "coinciding_units",
    "modular-addition-generic": "modular_addition",
    "modular-addition-labels": "modular_addition_labels",
    "modular-addition-dead-unit": "modular_addition",
    "modular-addition-fourier": "fourier",
    "modular-addition-fourier-softmax": "fourier_softmax",
    "symmetric-factorisation": "symmetric",
    "reduced-rank-regression": "linear",
    "reduced-rank-regression-local": "linear",
    "deep-linear": "linear",
    "deep-linear-local": "deep_linear_local",
    "one-head-attention": "attention",
    "stochastic-factorisation": "products",
    "nonnegative-factorisation": "products",
    "linear-convolution": "products",
    "cp-tensor": "tensors",
    "tanh-zero-truth": "tanh",
    "vandermonde": "tanh",
    "normal-mixture": "mixtures",
    "poisson-mixture": "mixtures",
    "binomial-mixture": "mixtures",
    "naive-bayes": "naive_bayes",
    "hidden-markov": "hidden_markov",
    "restricted-boltzmann": "boltzmann",
    "factor-analysis": "latent",
    "latent-forest": "latent",
    "hyperplane-arrangement": "arrangements",
    "cullen-2026-cor-4.2": "cullen_2026",
    "cullen-2026-thm-5.1": "cullen_2026",
    "cullen-2026-thm-5.2": "cullen_2026",
    "cullen-2026-cor-5.3": "cullen_2026",
    "cullen-2026-cor-5.4": "cullen_2026",
})


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
