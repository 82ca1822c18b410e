"""The quantities of the study, along one training run: at each snapshot from memorising to generalising.

``llc_*`` by HMC around the snapshot w* (`numerics.sampling.localised`): ``llc_published`` is ``nbeta E[L(w) - L(w*)]``
at ``nbeta = 128/ln 128, gamma = 5`` (Cullen et al. 2026), ``llc_monitor`` the same at the defaults of `LLCMonitor`, and
``llc_local`` is ``nbeta E[L(w) - L(w0)]``, w0 the mode, at settings that stay near the network
(`numerics.grokking.track`), and the value before where that is negative: chains that found a smaller loss than w0 have
left for another basin. ``llc_share`` is the last over ``p (N - 1)/2``, what memorising costs at most
(`modular-addition-generic`); ``gaussian`` is what the Hessian alone says. Baselines: training loss, weight norm, trace
of the Hessian (what Hutchinson's estimate tends to), active units, effective rank of the features. Two that see nothing
of the network: the epoch, a clock, and the training fraction.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from numerics.curvature.density import gaussian_value
from numerics.curvature.lanczos import lanczos
from numerics.curvature.spectrum import signs
from numerics.diagnosis.units import TRAINED, units_of
from numerics.estimation.settings import EXCESS_GAMMA, PUBLISHED_GAMMA, PUBLISHED_NBETA, default_nbeta
from numerics.grokking.history import read_histories
from numerics.grokking.plan import local_setting
from numerics.grokking.settings import RunSettings
from numerics.networks.file import Network, read_network
from numerics.sampling.localised import Chains, sample_around
from numerics.studies.foresight.detectors import Outcome, Trajectory

LLC = ("llc_published", "llc_monitor", "llc_local", "llc_share")
SETTINGS = ("epoch", "fraction")
BASELINES = ("train_loss", "weight_norm", "trace", "active_units", "effective_rank")
MEASURED = ("llc_published", "llc_monitor", "llc_local", "gaussian", *BASELINES)
QUANTITIES = (*LLC, "gaussian", *BASELINES, *SETTINGS)
MOVED = 0.25  # validation accuracy; chance is 1/p, and memorising alone gets up to some 0.15
CHAINS = Chains(chains=2, burn_in=6, draws=20, leapfrogs=8, mode_steps=50)
LOCAL_CHAINS = Chains(chains=2, burn_in=6, draws=24, leapfrogs=20)
STEPS = 30  # of Lanczos: as those from which chains start


def trajectory(folder: Path, row: Mapping[str, Any], cluster: str) -> dict[str, Any]:
    """Everything about one network of the run in ``folder`` as plain data: see `to_trajectory`.

    ``row`` is its row in the sweep's table: seed, and when it memorised and generalised.
    """
    seed, memorised, generalised = row["seed"], _epoch(row["memorised_at"]), _epoch(row["generalised_from"])
    history = read_histories(folder / "history.csv")[seed]
    met = history.validation_accuracy >= MOVED
    end = math.inf if generalised is None else generalised
    return {"cluster": cluster, "seed": seed, "memorised": memorised,
            "moved": float(history.epoch[met.argmax()]) if met.any() else None, "generalised": generalised,
            "final_validation_accuracy": float(history.validation_accuracy[-1]),
            "rows": [] if memorised is None else list(_rows(folder, seed, memorised, end))}


def _epoch(epoch: int | None) -> float | None:
    return None if epoch is None else float(epoch)


def to_trajectory(data: Mapping[str, Any]) -> Trajectory:
    """What detectors see of the ``data`` of `trajectory`."""
    series = {name: np.array([row[name] for row in data["rows"]], float) for name in (*MEASURED, "epoch")}
    settings = RunSettings(p=data["p"], width=data["width"], fraction=data["fraction"])
    ceiling = data["p"] * (settings.training_size - 1) / 2
    series["llc_local"] = _filled(series["llc_local"])
    series |= {"llc_share": series["llc_local"] / ceiling, "fraction": np.full(len(data["rows"]), data["fraction"])}
    return Trajectory(data["cluster"], series["epoch"], series, outcome_of(data), data["moved"])


def _filled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where there is no value the last one before, and before the first one that one."""
    finite = np.flatnonzero(np.isfinite(values))
    last = np.searchsorted(finite, np.arange(len(values)), side="right") - 1
    return values[finite[np.maximum(last, 0)]] if len(finite) else values


def outcome_of(data: Mapping[str, Any]) -> Outcome:
    """Of a run that memorised its pairs."""
    if data["generalised"] is not None:
        return "generalised" if len(data["rows"]) > 1 and data["rows"][1]["epoch"] < data["moved"] else "at once"
    return "never" if data["moved"] is None else "between"


def _rows(folder: Path, seed: int, start: float, end: float) -> Iterator[dict[str, float | None]]:
    setting = None
    for path in sorted((folder / "snapshots" / f"seed_{seed}").glob("epoch_*.npz")):
        epoch = int(path.stem.split("_")[1])
        if start <= epoch <= end:
            network = read_network(path)
            setting = setting or local_setting(network.theta)  # of the first: nothing is known of later ones
            yield {"epoch": epoch} | _measure(network, *setting)


def _measure(network: Network, local_nbeta: float, local_gamma: float) -> dict[str, float | None]:
    loss, point = network.two_hot(torch.float64)
    settings = {"llc_published": (PUBLISHED_NBETA, PUBLISHED_GAMMA),
                "llc_monitor": (default_nbeta(len(network.pairs)), EXCESS_GAMMA),
                "llc_local": (local_nbeta, local_gamma)}
    krylov = lanczos(loss.hessian_product(point), signs(CHAINS.chains, point, seed=0), STEPS)
    llc = {name: sample_around(loss, point, nbeta, gamma, LOCAL_CHAINS if name == "llc_local" else CHAINS,
                               krylov) for name, (nbeta, gamma) in settings.items()}
    local = llc["llc_local"].corrected
    return {
        **{name: sampled.rung.mean for name, sampled in llc.items()},
        "llc_local": local if local > 0 else None,
        **{f"{name}_rhat": sampled.rung.rhat for name, sampled in llc.items()},
        "gaussian": gaussian_value(krylov.density, local_nbeta, local_gamma).mean,
        "train_loss": float(loss.value(point[None])), "weight_norm": float(point.norm()),
        "trace": loss.hessian_trace(point),
        "active_units": float(len(units_of(network, TRAINED).active)), "effective_rank": effective_rank(network),
    }


def effective_rank(network: Network) -> float:
    """``(sum s^2)^2 / sum s^4`` over the singular values s of the features ``|V_j| s_j^2``, less their means.

    One column a unit, over the training pairs; weights by ``|V_j|`` make it invariant under ``(t w, V/t^2)``.
    """
    a, b = np.array(network.pairs).T
    features = (network.w[:, a] + network.w[:, network.modulus + b]) ** 2 * np.linalg.norm(network.v, axis=1)[:, None]
    return participation_ratio(features.T)


def participation_ratio(features: NDArray[np.float64]) -> float:
    """``(sum s^2)^2 / sum s^4`` over the singular values s of the ``features`` (n, K), less their means."""
    gram = np.cov(features, rowvar=False, bias=True)
    return float(gram.trace() ** 2 / np.square(gram).sum())
