"""Controls: the chain's length, networks that learned nothing, the gauge, and slopes of networks without training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import torch
from scipy.stats import linregress
from torch import Tensor

from numerics.losses.two_hot import TwoHotLoss
from numerics.sampling.published import literal_chains
from numerics.studies.published.measures import (
    CONVERGED_BURN_IN,
    HOT,
    Row,
    closed_form,
    measured,
    settings_for,
)
from numerics.studies.published.plan import Run, Size
from numerics.studies.published.training import snapshots

GAUGES = (0.8, 1.3)
REPEATS = 5  # chains
WEIGHTS_SEED = 1000  # of random weights: not that of a chain or of noise, which would go along with them
OTHER_STEP = 1e-4  # the step that the text of the paper states


def late_row(loss: TwoHotLoss, point: Tensor) -> Row:
    """One chain of gamma 5 that is 1400 steps longer, at ``point``.

    ``noise``: what the noise of the chain would give at every tenth step if the loss did not act on it.
    """
    usual = settings_for(loss, HOT, chains=1)
    late = literal_chains(loss, point, replace(usual, burn_in=CONVERGED_BURN_IN))
    return {"value": late.values.mean().item(), "trace": [round(x, 3) for x in late.trace[0].tolist()],
            "noise": [closed_form(loss, point, usual.variance(step), usual.nbeta, usual.batch)
                      for step in range(0, usual.steps, 10)]}


def repeated_row(loss: TwoHotLoss, point: Tensor) -> Row:
    """What the value of one chain of gamma 5 scatters by, from chains with other random numbers.

    Its draws do not tell: they are on a ramp.
    """
    values = literal_chains(loss, point, settings_for(loss, HOT, chains=REPEATS, seed=REPEATS)).values
    return {"values": values.tolist(), "scatter": float(values.std())}


def repeated_gauge_row(size: Size, loss: TwoHotLoss, point: Tensor) -> Row:
    """The same chains, with the same random numbers, in the last of the gauges."""
    return repeated_row(loss, gauged(point, size.p, size.width, GAUGES[-1]))


def other_chains_row(loss: TwoHotLoss, point: Tensor) -> Row:
    """The chain of gamma 5 with one thing changed: all pairs at each step; the smaller step."""
    usual = settings_for(loss, HOT, chains=1)
    return {"all pairs": literal_chains(loss, point, replace(usual, batch=loss.samples)).values.mean().item(),
            "step 1e-4": literal_chains(loss, point, replace(usual, step=OTHER_STEP)).values.mean().item()}


def untrained_row(size: Size, loss: TwoHotLoss, _: Tensor, norm: float) -> Row:
    """Independent Gaussian weights of this norm; 0 is the network of zeros."""
    point = torch.randn(loss.parameters, generator=torch.Generator().manual_seed(WEIGHTS_SEED))
    point *= norm / float(point.norm())
    return {"norm": norm, "loss": float(loss.value(point[None])),
            **measured(size, loss, point)}


def gauged(point: Tensor, p: int, units: int, t: float) -> Tensor:
    """``(t u, t v, V/t^2)``: other weights, the same function."""
    weights = point.view(-1, units).clone()
    weights[: 2 * p] *= t
    weights[2 * p:] /= t * t
    return weights.flatten()


def gauge_row(size: Size, loss: TwoHotLoss, point: Tensor, t: float) -> Row:
    """Everything at the same function in another gauge."""
    other = gauged(point, size.p, size.width, t)
    return {"t": t, "loss": float(loss.value(other[None])), **measured(size, loss, other)}


def cell_row(p: int, width: int, kind: str) -> Row:
    """One chain of gamma 5 on a network without training: as training starts, or all weights zero."""
    run = Run(kind, (0,), 0.0)
    only = Size(p, width, (run,), 0, 0, (), (), (), (), ())
    (start,) = snapshots(only, run)
    point = start.point if kind == "untrained" else torch.zeros_like(start.point)
    chains = literal_chains(start.loss, point, settings_for(start.loss, HOT, chains=1))
    return {"p": p, "K": width, "kind": kind, "value": chains.values.mean().item()}


def cells(size: Size) -> list[tuple[int, int, str]]:
    """The grid of the slopes: all widths at some p, all p at some widths."""
    grid = {*product(size.slope_moduli, size.widths), *product(size.moduli, size.slope_widths)}
    return [(p, width, kind) for kind in ("zero", "untrained") for p, width in sorted(grid)]


def slope_rows(size: Size, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Least squares slopes of the value in p and in K, with their standard errors and R²."""
    found = []
    for kind in ("zero", "untrained"):
        for along, fixed, values, grid in (("p", "K", size.slope_widths, size.moduli),
                                           ("K", "p", size.slope_moduli, size.widths)):
            for value in values:
                line = [row for row in rows
                        if row["kind"] == kind and row[fixed] == value and row[along] in grid]
                fit = linregress([row[along] for row in line], [row["value"] for row in line])
                found.append({"kind": kind, "along": along, fixed: value, "grid": list(grid), "slope": fit.slope,
                              "error": fit.stderr, "r_squared": fit.rvalue**2})
    return found
