"""What can be measured at the snapshots of a training run, measured at the same settings at each of them.

`track` reads a folder that `slt grok` made (``history.csv``, ``snapshots/seed_S/epoch_NNNNNN.npz``) and writes
``tracking.csv``, ``tracking.json``, figures and ``report.md`` into it. Each snapshot's measurement is saved at once in
``tracking/``; a run that was interrupted goes on where it stopped.

Two settings of the sampler. ``published``: ``nbeta = 128/ln 128, gamma = 5`` of Cullen et al. (2026). ``local``: gamma
such that without a loss the chains would stay within a tenth of the norm of the trained weights (the last ones of the
first seed), ``sqrt(P/gamma) = |w|/10``, and nbeta such that curvatures above 1e-3 count, ``gamma/nbeta = 1e-3``. Where
a Gaussian describes that posterior, its value is a smooth count of directions, ``1/2 sum h/(h + 1e-3)``.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from numerics.curvature.density import SpectralDensity, gaussian_value
from numerics.curvature.eigenvalues import allows_dense, spectrum_of
from numerics.curvature.lanczos import Krylov, lanczos
from numerics.curvature.spectrum import dense_density, signs
from numerics.diagnosis.units import TRAINED, units_of
from numerics.grokking.folder import misplaced, origin_of, settings_in
from numerics.grokking.history import read_histories
from numerics.grokking.plan import DEFAULT, Lengths, Plan, Setting, default_plan
from numerics.grokking.report import write_report
from numerics.losses.polynomial import Loss
from numerics.networks.file import LARGEST_FILE, Network, read_network
from numerics.progress import Progress
from numerics.sampling.localised import sample_around
from slt_symbolic.errors import InvalidInput, note
from slt_symbolic.storage.files import write_atomically
from slt_symbolic.storage.locks import results_folder
from slt_symbolic.storage.reading import given_file
from slt_symbolic.storage.results import computed_once
from slt_symbolic.storage.tables import csv_text

SNAPSHOT = "epoch_*.npz"
ALL_DAMAGED = "all its snapshots are damaged"
Place = tuple[int, Path]  # of a snapshot: its seed and its file


def track(folder: Path, progress: bool = True, lengths: Lengths = DEFAULT) -> None:
    """Measure the snapshots in ``folder`` and write what was found into it.

    About as long as the training, five seconds a seed at ``p = 23, K = 200``; with ``progress`` a bar, and the seconds
    at the end. Raises `InvalidInput` where the folder has no readable history or snapshots, cannot be written, or is
    being written by another process.
    """
    if not folder.is_dir():
        raise InvalidInput(str(folder), "is no folder", "the folder of a grokking run")
    with results_folder(folder) as held:
        track_run(held, progress, lengths)


def track_run(folder: Path, progress: bool = True, lengths: Lengths = DEFAULT) -> None:
    """`track`, in a folder that the caller holds."""
    started = time.perf_counter()
    histories = read_histories(folder / "history.csv")
    snapshots = _snapshots(folder)
    plan = lengths.of(default_plan(_trained(folder, snapshots)))
    chosen = [chosen for seed in sorted({seed for seed, _ in snapshots})
              for chosen in _spread([place for place in snapshots if place[0] == seed], plan.snapshots)]
    # Snapshots side by side, each on one thread: its products are small, and sums depend on the number of threads.
    pool = ThreadPoolExecutor(len(os.sched_getaffinity(0)), initializer=torch.set_num_threads, initargs=(1,))
    try:
        settings = settings_in(folder)
        measured = pool.map(lambda place: _measure_once(folder, place, plan, settings), chosen)
        rows = []
        with Progress("tracking", len(chosen), shown=progress, unit="snapshot") as bar:
            for row in measured:
                rows += [] if row is None else [row]
                bar.advance()
    finally:
        pool.shutdown(cancel_futures=True)  # after an interrupt too: what is being measured is kept
    if not rows:
        raise InvalidInput(str(folder), ALL_DAMAGED, "the folder of a grokking run")
    write_atomically(folder / "tracking.json", json.dumps({"plan": plan.to_json(), "snapshots": rows}, indent=1) + "\n")
    _write_table(folder / "tracking.csv", rows)
    write_report(folder, histories, rows)
    if progress:
        print(f"{len(rows)} snapshots in {time.perf_counter() - started:.0f} s: {folder / 'report.md'}")


def measure(network: Network, plan: Plan) -> dict[str, Any]:
    """Everything at one snapshot, as plain data: both settings, Hessian, units."""
    small = allows_dense(network.theta.numel())
    loss, point = network.two_hot(torch.float64 if small else torch.float32)
    krylov = None if small else lanczos(loss.hessian_product(point), signs(plan.probes, point, plan.seed), plan.steps)
    density = dense_density(loss, point) if krylov is None else krylov.density
    units = units_of(network, TRAINED)
    return {
        "parameters": len(point), "pairs": len(network.pairs), "loss": float(loss.value(point[None])),
        "weight_norm": float(point.norm()),
        **{name: _around(loss, point, setting, density, krylov, plan.seed) for name, setting in plan.settings.items()},
        "hessian": _hessian(density, loss.hessian_trace(point)),
        "units": {"active": len(units.active), "idle": len(network.w) - len(units.active),
                  "coinciding": len(units.active) - units.distinct, "distinct": units.distinct},
    }


def _around(loss: Loss, point: Tensor, setting: Setting, density: SpectralDensity, krylov: Krylov | None,
            seed: int) -> dict[str, float | bool | None]:
    """The sampled value at one setting, its Gaussian value, and where the chains went.

    Nothing is sampled at a saddle, where the potential has no minimum near: the chains would leave for one elsewhere.
    """
    nbeta, gamma, chains = setting.nbeta, setting.gamma, replace(setting.chains, seed=seed)
    gaussian = gaussian_value(density, nbeta, gamma)
    one_mode = nbeta * float(density.nodes.min()) + gamma > 0  # the Hessian of the potential is positive
    sampled = sample_around(loss, point, nbeta, gamma, chains, krylov) if one_mode else None
    return {
        "nbeta": nbeta, "gamma": gamma, "chains": chains.chains, "draws": chains.draws,
        "llc": sampled and sampled.rung.mean, "mcse": sampled and sampled.rung.mcse,
        "ess": sampled and sampled.rung.ess, "rhat": sampled and sampled.rung.rhat,
        "reference_point": sampled and sampled.reference, "llc_from_mode": sampled and sampled.corrected,
        "gaussian": gaussian.mean, "gaussian_error": gaussian.error,
        "distance": sampled and sampled.distance, "distance_without_loss": (len(point) / gamma) ** 0.5,
        "acceptance": sampled and sampled.acceptance, "one_mode": one_mode,
    }


def _hessian(density: SpectralDensity, trace: float) -> dict[str, Any]:
    """Trace, ends, the negative part; rank and gap where all eigenvalues are known."""
    negative = density.trace_of(lambda h: h.clamp(max=0))
    spectrum = spectrum_of(density.nodes[0]) if density.dense else None
    return {
        "dense": density.dense, "trace": trace,
        "largest": float(density.nodes.max()), "smallest": float(density.nodes.min()),
        "negative_trace": negative.mean, "negative_trace_error": negative.error,
        "rank": None if spectrum is None else spectrum.rank,
        "gap": (spectrum.smallest_nonzero / spectrum.largest_zero
                if spectrum and spectrum.rank and spectrum.largest_zero else None),
    }


def _measure_once(folder: Path, place: Place, plan: Plan, settings: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The measurement of a snapshot, kept for the same file and the same plan; None, and a note, if it is damaged.

    With the ``settings`` of its run, one that says that it is another's is damaged too.
    """
    seed, path = place
    epoch = _number(path)

    def measure_it() -> dict[str, Any]:
        started, network = time.perf_counter(), read_network(path)
        if settings is not None and (problem := misplaced(network, origin_of(settings, seed, epoch))):
            raise InvalidInput(str(path), problem, "the snapshots of one run")
        row = {"seed": seed, "epoch": epoch} | measure(network, plan)
        return row | {"seconds": round(time.perf_counter() - started, 2)}

    try:
        content = given_file(path, LARGEST_FILE, str(path), "a network that slt grok wrote")
        source = {"plan": plan.to_json(), "sha256": hashlib.sha256(content).hexdigest(), "seed": seed, "epoch": epoch}
        return computed_once(folder, f"tracking/seed_{seed}/{path.stem}.json", source, measure_it)
    except InvalidInput as error:
        note(f"{error.argument} {error.problem}: left out")
        return None


def _snapshots(folder: Path) -> list[Place]:
    """In order."""
    found = [(_number(path.parent), path) for path in (folder / "snapshots").glob(f"seed_*/{SNAPSHOT}")]
    if not found:
        raise InvalidInput(str(folder), f"has no snapshots/seed_*/{SNAPSHOT}", "the folder of a grokking run")
    return sorted(found, key=lambda place: (place[0], _number(place[1])))


def _trained(folder: Path, snapshots: Sequence[Place]) -> Tensor:
    """The weights of the first seed's last snapshot, of those that can be read."""
    for _, path in sorted(snapshots, key=lambda place: (place[0], -_number(place[1]))):
        with contextlib.suppress(InvalidInput):  # it is named when it is measured
            return read_network(path).theta
    raise InvalidInput(str(folder), ALL_DAMAGED, "the folder of a grokking run")


def _number(path: Path) -> int:
    try:
        return int(path.stem.split("_")[1])
    except ValueError:
        raise InvalidInput(str(path), "has no number in its name", "seed_S/epoch_NNNNNN.npz") from None


def _spread(places: Sequence[Place], number: int) -> list[Place]:
    """At most ``number`` of them, first and last included, evenly spread in the square root of the epoch.

    Snapshots are mostly evenly spread in its logarithm, where half of them are before anything was learned.
    """
    roots = np.sqrt([_number(path) for _, path in places])
    wanted = np.linspace(roots[0], roots[-1], number)
    return [places[i] for i in np.unique(np.abs(roots - wanted[:, None]).argmin(1))]


def _write_table(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """One line a snapshot; nested names are joined: ``published_llc``."""
    flat = [{f"{name}_{inner}" if inner else name: x
             for name, value in row.items()
             for inner, x in (value.items() if isinstance(value, Mapping) else [("", value)])} for row in rows]
    write_atomically(path, csv_text(flat))
