"""`slt track`: the localised excess at the checkpoints of anybody's training run, of all parameters and of parts.

Each measurement is kept in ``excess/`` as soon as it is there, for the same checkpoint, task and settings: a run that
was interrupted goes on. ``trajectory.csv`` has a line for each checkpoint and restriction, ``report.md`` what they say.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

from tqdm import tqdm

from numerics.estimation.excess import estimate_excess
from numerics.estimation.settings import LITERAL, Settings
from numerics.modules.checkpoints import Checkpoint, checkpoints_in, content_of, load_into
from numerics.modules.task import CONVERGED, Task, task_of
from numerics.modules.trajectory import Row, Trajectory
from numerics.sampling.summary import EstimateError
from slt_symbolic.errors import InvalidInput, note, one_line
from slt_symbolic.storage.results import computed_once


def track_checkpoints(checkpoints: Path, task: Path, folder: Path, settings: Settings,
                      estimators: Sequence[str] | None = None, progress: bool = True) -> Trajectory:
    """Measure the checkpoints at the same settings each, and write what was found into a folder that the caller holds.

    ``settings`` are those of the estimator `CONVERGED`; others are the published ones, `LITERAL`, and what the task
    defines. None: the converged one, and those of the task.
    One that is damaged, does not fit the model or is not finite is named and left out; where chains did not come
    together the row says so. Raises `InvalidInput` for a task that cannot be measured, and if no checkpoint can be.
    """
    found = checkpoints_in(checkpoints)
    rows: list[Row] = []
    left_out: list[str] = []
    remedies: list[str] = []
    with task_of(task) as asked:
        chosen = _chosen(asked, settings, estimators)
        bar = tqdm(found, "tracking", unit="checkpoint", disable=None if progress else True)
        for checkpoint in bar:
            try:
                rows.extend(_rows(asked, checkpoint, folder, chosen))
            except InvalidInput as error:
                why = f"{error.argument} {error.problem}".removeprefix(f"{checkpoint.path} ")
                left_out.append(one_line(f"{checkpoint.name}: {why}"))
                remedies.append(error.remedy)
                note(f"{checkpoint.path}: {why}: left out")
    if not rows:
        raise InvalidInput(str(checkpoints), f"has no checkpoint that can be measured: {left_out[0]}", remedies[0])
    trajectory = Trajectory(tuple(rows), tuple(left_out), str(checkpoints), str(task))
    trajectory.write(folder)
    return trajectory


def _chosen(task: Task, settings: Settings, names: Sequence[str] | None) -> dict[str, Settings]:
    """Estimators by name. Raises `InvalidInput`."""
    known = {CONVERGED: settings, **LITERAL, **task.estimators}
    for name in names or ():
        if name not in known:
            raise InvalidInput(f"estimator={name}", "is not known", " or ".join(known))
    return {name: known[name] for name in names or (CONVERGED, *task.estimators)}


def _rows(task: Task, checkpoint: Checkpoint, folder: Path, estimators: Mapping[str, Settings]) -> list[Row]:
    """Of all restrictions and estimators. Raises `InvalidInput` where the checkpoint cannot be measured."""
    content = content_of(checkpoint)
    load_into(task.objective.model, content, str(checkpoint.path))
    digest, rows = hashlib.sha256(content).hexdigest(), []
    for mask, (name, settings) in product(task.masks, estimators.items()):
        source = {"checkpoint": digest, "task": task.digest, "restriction": mask, "settings": asdict(settings)}
        kept = computed_once(folder, f"excess/{mask}/{name}/{checkpoint.name}.json", source,
                             partial(_measured, task, mask, settings))
        rows.append(Row(checkpoint.step, checkpoint.name, mask, name, **kept))
    return rows


def _measured(task: Task, mask: str, settings: Settings) -> Mapping[str, Any]:
    """Plain data; ``problem`` instead of an excess where chains ran away or did not come together."""
    started = time.perf_counter()
    loss = task.loss(mask)
    here = float(loss.value(loss.start[None]))
    known = {"parameters": loss.parameters, "loss": here}
    try:
        found = estimate_excess(loss, loss.start, settings)
    except EstimateError as error:
        return known | {"problem": str(error), "seconds": round(time.perf_counter() - started, 2)}
    return known | {"excess": found.mean, "error": found.uncertainty, "ess": found.ess, "rhat": found.rhat,
                    "nbeta": found.nbeta, "gamma": found.gamma, "notes": list(found.notes),
                    "seconds": round(time.perf_counter() - started, 2)}
