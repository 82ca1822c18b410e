"""What is measured at one network: the published LLCs, converged chains, and what needs no chain.

``gamma 5``, ``gamma 100``: one published SGLD chain each, literally (Cullen et al. 2026). ``converged``: HMC at the
nbeta and gamma of the first, with the R-hat of its chains. ``blurred``: the expected sharpness at gamma 100 (Neyshabur
et al. 2017), in closed form where the network is quadratic, else by draws. ``trace`` of the Hessian: exact there, else
Hutchinson's estimate. ``effective_rank``: participation ratio of the hidden layer. ``weight_rank``: that of the
weights' singular values, layers averaged (Yunis et al. 2024, arXiv:2408.11804, who take the entropy). ``fourier_ipr``:
inverse participation ratio of the weights' Fourier power, units averaged (Doshi et al. 2023, arXiv:2310.13061; Nanda et
al. 2023, arXiv:2301.05217, look at the same power). ``layer_ratio``: norm of the outer over that of the inner weights.
``active_units``: whose contribution is more than a thousandth of the largest. ``linear_regions``, of ReLU networks:
sign patterns of hidden units per training pair (after Humayun et al. 2024, arXiv:2402.15555). ``weight_norm`` (Liu et
al. 2023, Omnigrok, arXiv:2210.01117) and ``train_loss`` cost nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot

from numerics.curvature.spectrum import hessian_product, hutchinson, signs
from numerics.losses.module import ModuleLoss, Objective
from numerics.losses.samples import samples_of
from numerics.losses.two_hot import TwoHotLoss
from numerics.sampling.localised import Chains, sample_around
from numerics.sampling.published import literal_values, values_around
from numerics.studies.foresight.measures import participation_ratio
from numerics.studies.published.measures import BLURRED, HOT, closed_form, plain_noise, settings_for
from numerics.studies.tracking.networks import NETWORKS, with_weights
from numerics.studies.tracking.plan import Setting
from numerics.studies.tracking.training import Course

Row = dict[str, float | None]
PUBLISHED = ("gamma 5", "gamma 100")
ALWAYS = ("blurred", "effective_rank", "weight_rank", "trace", "train_loss", "active_units", "weight_norm",
          "fourier_ipr", "layer_ratio")
MEASURES = (*PUBLISHED, "converged", *ALWAYS, "linear_regions")
RISES = frozenset({"fourier_ipr"})  # where the network generalises, says its source; the others fall
HMC = Chains(4, 60, 80, leapfrogs=12, mode_steps=30)  # R-hat 1.05 at p = 53, K = 1024
ACTIVE = 1e-3
PROBES, DRAWS = 4, 8  # of Hutchinson, and of the noise, where there is no closed form
DIGITS = 6


@torch.no_grad()
def measured(setting: Setting, course: Course, indices: Sequence[int], converged: Sequence[int]) -> list[Row]:
    """Everything at each of the ``indices`` of the course; HMC only at those ``converged``."""
    points = course.weights[list(indices)]
    rows = (_quadratic if setting.model == "quadratic" else _module)(setting, course, points)
    loss = _loss(setting, course)
    for index, point, row in zip(indices, points, rows, strict=True):
        row["converged"] = row["converged_rhat"] = None
        if index in converged:
            with torch.enable_grad():
                rung = sample_around(loss, point, HOT.nbeta, HOT.gamma, HMC).rung
            row["converged"], row["converged_rhat"] = rung.mean, rung.rhat
    return [{name: None if x is None else float(f"{x:.{DIGITS}g}") for name, x in row.items()} for row in rows]


def _loss(setting: Setting, course: Course) -> TwoHotLoss | ModuleLoss:
    if setting.model == "quadratic":
        return two_hot_loss(setting, course, course.weights.dtype)
    network = NETWORKS[setting.model](setting.p, setting.width)
    return ModuleLoss(Objective(network, cross_entropy), samples_of((course.pairs, course.labels)),
                      dtype=course.weights.dtype)


def two_hot_loss(setting: Setting, course: Course, dtype: torch.dtype) -> TwoHotLoss:
    """The loss that a quadratic network was trained on, for any number of parameters."""
    targets = one_hot(course.labels, setting.p).T.to(dtype).contiguous()
    return TwoHotLoss(course.pairs, targets, setting.width, centred=True)


def _quadratic(setting: Setting, course: Course, points: Tensor) -> list[Row]:
    loss = _loss(setting, course)
    assert isinstance(loss, TwoHotLoss)
    hot, blurred = (literal_values(loss, points, settings_for(loss, settings)).tolist() for settings in (HOT, BLURRED))
    rows = []
    for index, point in enumerate(points):
        u, v, outer = point.double().view(3, setting.p, -1)
        features = (u[course.pairs[:, 0]] + v[course.pairs[:, 1]]).square() * outer.norm(dim=0)
        rows.append({"gamma 5": hot[index], "gamma 100": blurred[index],
                     "blurred": closed_form(loss, point, 1 / BLURRED.gamma, BLURRED.nbeta),
                     "trace": loss.hessian_trace(point), "train_loss": float(loss.value(point[None])),
                     **_of_weights(point, features, (u, v, outer), (torch.cat([u, v]), outer))})
    return rows


def _module(setting: Setting, course: Course, points: Tensor) -> list[Row]:
    loss = _loss(setting, course)
    hot, blurred = (values_around(loss, points, settings).tolist() for settings in (HOT, BLURRED))
    rows = []
    for index, point in enumerate(points):
        network = with_weights(NETWORKS[setting.model](setting.p, setting.width), point)
        features = network.features(course.pairs).double()
        with torch.enable_grad():
            trace = hutchinson(hessian_product(loss, point), signs(PROBES, point, seed=0)).mean
        rows.append({"gamma 5": hot[index], "gamma 100": blurred[index], "trace": trace,
                     "blurred": plain_noise(loss, point, BLURRED, DRAWS)["value"],
                     "train_loss": float(loss.value(point[None])),
                     **_of_weights(point, features * network.outgoing(), network.tables(), network.layers())})
        if setting.model == "relu":
            rows[-1]["linear_regions"] = len((features > 0).unique(dim=0)) / len(features)
    return rows


def _of_weights(point: Tensor, features: Tensor, tables: Sequence[Tensor], layers: tuple[Tensor, Tensor]) -> Row:
    """What needs no loss: hidden ``features`` (n, K) by the size of what they feed, weights by residue, two layers."""
    contribution, (inner, outer) = features.norm(dim=0), layers
    return {"effective_rank": participation_ratio(features.numpy()),
            "weight_rank": float(np.mean([_ratio(torch.linalg.svdvals(x.double()).square()) for x in layers])),
            "active_units": float((contribution > ACTIVE * contribution.max()).sum()),
            "weight_norm": float(point.norm()), "layer_ratio": float(outer.norm() / inner.norm()),
            "fourier_ipr": float(np.mean([fourier_ipr(table.double().numpy()) for table in tables]))}


def _ratio(powers: Tensor) -> float:
    return float(powers.sum() ** 2 / powers.square().sum())


def fourier_ipr(table: NDArray[np.float64]) -> float:
    """``sum_k s_k^2`` over the shares s_k of a column's power in frequency k, columns averaged: 1 for pure waves.

    ``table`` (p, K), a column a unit; the constant counts as a frequency, sine and cosine as one.

    >>> wave = np.cos(2 * np.pi * 2 * np.arange(7) / 7)[:, None]
    >>> round(fourier_ipr(wave), 6), round(fourier_ipr(np.eye(7)[:, :1]), 3)
    (1.0, 0.265)
    """
    power = np.abs(np.fft.rfft(table, axis=0)) ** 2
    power[1:] *= 2  # and the conjugate frequency
    if len(table) % 2 == 0:
        power[-1] /= 2
    shares = power / np.maximum(power.sum(0), np.finfo(float).tiny)
    return float(np.square(shares).sum(0).mean())
