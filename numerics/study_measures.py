"""The quantities of the study, along one training run: at each snapshot from memorising to generalising.

``llc_*`` are ``nbeta E[L(w) - L(w0)]`` around the snapshot (`numerics.localised`) with the chains of `LLCMonitor`:
``llc_published`` at ``nbeta = 128/ln 128, gamma = 5`` (Cullen et al. 2026), ``llc_monitor`` at the monitor's own
defaults, ``llc_local`` at settings that stay next to the network (`numerics.tracking`). ``gaussian`` is what the
Hessian alone says at the last. Baselines: training loss, weight norm, trace of the Hessian (Hutchinson), active units
(`numerics.units`), effective rank of the features, and the epoch itself, a clock that sees nothing of the network.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.detectors import Outcome, Trajectory
from numerics.grok_settings import GENERALISED, MEMORISED
from numerics.history import History, read_histories
from numerics.localised import sample_around
from numerics.monitor import CHAINS, GAMMA, default_nbeta
from numerics.network_file import Network, read_network
from numerics.spectrum import hessian_product, hutchinson, lanczos_density, signs
from numerics.tracking import PUBLISHED_GAMMA, PUBLISHED_NBETA, gaussian_value, local_setting
from numerics.units import unit_kinds

LLC = ("llc_published", "llc_monitor", "llc_local")
BASELINES = ("train_loss", "weight_norm", "trace", "active_units", "effective_rank", "epoch")
QUANTITIES = (*LLC, "gaussian", *BASELINES)
MOVED = 0.25  # validation accuracy; chance is 1/p, and memorising alone gets up to some 0.15
VECTORS, PROBES, STEPS = 100, 2, 30


def trajectory(folder: Path, seed: int, cluster: str) -> dict[str, Any]:
    """Everything about one seed of the run in ``folder`` as plain data: see `to_trajectory`."""
    history = read_histories(folder / "history.csv")[seed]
    memorised = _first(history.epoch, history.train_accuracy >= MEMORISED)
    moved = _first(history.epoch, history.validation_accuracy >= MOVED)
    last = history.validation_accuracy[-1]
    outcome: Outcome = "generalised" if last >= GENERALISED else "between" if moved is not None else "never"
    arrived = _held_since(history) if outcome == "generalised" else math.inf
    rows = [] if memorised is None else list(_rows(folder, seed, memorised, arrived))
    return {"cluster": cluster, "seed": seed, "outcome": outcome, "memorised": memorised, "moved": moved,
            "generalised": arrived if outcome == "generalised" else None, "final_validation_accuracy": float(last),
            "rows": rows}


def to_trajectory(found: dict[str, Any]) -> Trajectory:
    """What detectors see of it."""
    rows = found["rows"]
    series = {name: np.array([row[name] for row in rows], float) for name in QUANTITIES}
    return Trajectory(found["cluster"], series["epoch"], series, found["outcome"], found["moved"])


def _rows(folder: Path, seed: int, start: float, end: float) -> Iterator[dict[str, float]]:
    setting = None
    for path in sorted((folder / "snapshots" / f"seed_{seed}").glob("epoch_*.npz")):
        epoch = int(path.stem.split("_")[1])
        if start <= epoch <= end:
            network = read_network(path)
            setting = setting or local_setting(network.theta)  # of the first: nothing is known of later ones
            yield {"epoch": epoch} | _measured(network, *setting)


def _measured(network: Network, local_nbeta: float, local_gamma: float) -> dict[str, float]:
    loss, point = network.loss, network.theta
    settings = {"llc_published": (PUBLISHED_NBETA, PUBLISHED_GAMMA),
                "llc_monitor": (default_nbeta(len(network.pairs)), GAMMA), "llc_local": (local_nbeta, local_gamma)}
    llc = {name: sample_around(loss, point, nbeta, gamma, CHAINS, seed=0) for name, (nbeta, gamma) in settings.items()}
    product = hessian_product(loss, point)
    density = lanczos_density(product, signs(PROBES, point, seed=0), STEPS)
    return {
        **{name: found.corrected for name, found in llc.items()},
        **{f"{name}_rhat": found.rung.rhat for name, found in llc.items()},
        "gaussian": gaussian_value(density, local_nbeta, local_gamma).mean,
        "train_loss": float(loss.value(point[None])), "weight_norm": float(point.norm()),
        "trace": hutchinson(product, signs(VECTORS, point, seed=1)).mean,
        "active_units": float(unit_kinds(network.w, network.v).active), "effective_rank": effective_rank(network),
    }


def effective_rank(network: Network) -> float:
    """``(sum s^2)^2 / sum s^4`` over the singular values s of the features ``|V_j| s_j^2``, less their means.

    One column a unit, over the training pairs; weights by ``|V_j|`` make it invariant under ``(t w, V/t^2)``.
    """
    a, b = np.array(network.pairs).T
    features = (network.w[:, a] + network.w[:, network.modulus + b]) ** 2 * np.linalg.norm(network.v, axis=1)[:, None]
    gram = np.cov(features, bias=True)
    return float(gram.trace() ** 2 / np.square(gram).sum())


def _first(epochs: NDArray[np.float64], met: NDArray[np.bool_]) -> float | None:
    return float(epochs[met.argmax()]) if met.any() else None


def _held_since(history: History) -> float:
    """The first epoch of the last stretch with that validation accuracy."""
    low = np.flatnonzero(history.validation_accuracy < GENERALISED)
    return float(history.epoch[low[-1] + 1 if len(low) else 0])
