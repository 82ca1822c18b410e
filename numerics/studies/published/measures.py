"""What is measured at one network: both published chains, weight noise, its closed form, converged chains, the norm."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from numerics.losses.polynomial import Loss
from numerics.losses.two_hot import TwoHotLoss
from numerics.sampling.localised import Chains, sample_around
from numerics.sampling.published import PUBLISHED, Sgld, literal_chains
from numerics.studies.published.plan import Size
from slt_symbolic.networks.weight_noise import added_by_noise

HOT, BLURRED = PUBLISHED["gamma 5"], PUBLISHED["gamma 100"]
CONVERGED_BURN_IN = 1500  # steps, after which the chain of gamma 5 has arrived
Row = dict[str, Any]


def settings_for(loss: TwoHotLoss, settings: Sgld, **change: Any) -> Sgld:
    """The published settings, with all pairs where there are fewer than a batch."""
    return replace(settings, batch=min(settings.batch, loss.samples), **change)


def chain_row(loss: TwoHotLoss, point: Tensor, settings: Sgld) -> Row:
    """The value of the chains with its errors, and the mean of their trace."""
    found = literal_chains(loss, point, settings)
    rung, values = found.rung, found.values
    between = float(values.std()) / len(values) ** 0.5 if len(values) > 1 else 0.0
    return {"value": rung.mean, "error": max(rung.mcse, between), "rhat": rung.rhat, "ess": rung.ess,
            "chains": len(values), "trace": [round(x, 3) for x in found.trace.mean(0).tolist()]}


def closed_form(loss: TwoHotLoss, point: Tensor, variance: float, nbeta: float, batch: int | None = None) -> float:
    """``nbeta E[L(w + delta) - L(w)]`` for weight noise of this variance (`expected-sharpness`), in float64."""
    weights, p = point.double().view(-1, loss.units).numpy(), len(loss.targets)
    w, v = weights[: 2 * p].T, weights[2 * p:].T
    return nbeta * float(added_by_noise(w, v, loss.pairs.numpy(), variance, batch=batch))


def plain_noise(loss: Loss, point: Tensor, settings: Sgld, draws: int) -> Row:
    """The same by ``draws`` draws of the noise, over all pairs, with its error."""
    generator = torch.Generator().manual_seed(settings.seed + 1)
    here, scale = float(loss.value(point[None])), settings.gamma**-0.5
    noisy = [float(loss.value((point + scale * torch.randn(point.shape, generator=generator))[None])) - here
             for _ in range(draws)]
    values = settings.nbeta * torch.tensor(noisy, dtype=torch.float64)
    return {"value": float(values.mean()), "error": float(values.std()) / draws**0.5}


def noise_rows(loss: TwoHotLoss, point: Tensor, draws: int) -> Row:
    """Noise of variance 1/gamma at gamma 100, and what the two known differences to the chain make of it."""
    chain = settings_for(loss, BLURRED)
    return {"noise": plain_noise(loss, point, chain, draws),
            "closed": closed_form(loss, point, 1 / chain.gamma, chain.nbeta),
            "closed_centred_by_batch": closed_form(loss, point, 1 / chain.gamma, chain.nbeta, chain.batch),
            "closed_as_the_chain": closed_form(loss, point, chain.variance(), chain.nbeta, chain.batch)}


def converged_row(loss: TwoHotLoss, point: Tensor, chains: Chains) -> Row:
    """HMC over all pairs at the nbeta and gamma of the chain at gamma 5."""
    found = sample_around(loss, point, HOT.nbeta, HOT.gamma, chains)
    return {"value": found.rung.mean, "error": found.rung.mcse, "rhat": found.rung.rhat,
            "distance": found.distance}


def measured(size: Size, loss: TwoHotLoss, point: Tensor, hot: bool = True, converged: bool = False) -> Row:
    """Everything at ``point`` (3pK,); ``hot``: the chains of gamma 5 too; ``converged``: HMC too."""
    p = len(loss.targets)
    inner = float(point[: 2 * p * loss.units].square().sum())
    return {"square_norm": float(point.square().sum()), "inner_square_norm": inner,
            "gamma 5": chain_row(loss, point, settings_for(loss, HOT, chains=size.chains)) if hot else None,
            "gamma 100": chain_row(loss, point, settings_for(loss, BLURRED, chains=size.chains)),
            "converged": converged_row(loss, point, size.hmc) if converged else None,
            **noise_rows(loss, point, size.noise_draws)}
