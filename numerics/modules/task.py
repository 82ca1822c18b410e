"""A user's task: the model, the data and the loss that a file defines, for checkpoints to be measured on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from numerics.estimation.settings import LITERAL, Settings
from numerics.losses.module import ModuleLoss, Objective
from numerics.losses.samples import Samples, Stream, leaves, samples_of
from numerics.losses.sound import sampled_loss
from numerics.modules.words import settings_from
from slt_symbolic.errors import InvalidInput
from slt_symbolic.storage.programs import LARGEST_PROGRAM, broken, is_of_program, reported, running
from slt_symbolic.storage.reading import given_file

EXAMPLE = "a Python file with model(), data() and loss, see slt track --help"
WHOLE = "all"  # the name of no restriction
CONVERGED = "converged"  # that of the estimator which goes on until its chains have come together
Mask = Mapping[str, Tensor]


@dataclass(frozen=True)
class Task:
    """``objective`` over ``samples``, the ``masks`` by name (None: all parameters), and a ``digest`` of all of it.

    ``estimators``: those that the file defines, by name.
    """

    path: Path
    objective: Objective
    samples: Samples | Stream
    masks: Mapping[str, Mask | None]
    estimators: Mapping[str, Settings]
    digest: str

    def loss(self, mask: str) -> ModuleLoss:
        """The loss at the present weights of the model, as a function of what the mask leaves free."""
        with reported(self.path):
            return sampled_loss(self.objective, self.samples, mask=self.masks[mask])


@contextmanager
def task_of(path: Path) -> Iterator[Task]:
    """Run the file; in the block its program finds its neighbours.

    It defines ``model()``, a module; ``data()``, as `llc` takes it; ``loss(outputs, targets)`` or ``evaluate(model,
    batch)``; and if wanted ``masks()``, restrictions by name, and ``estimators()``, settings of `llc` by name. Raises
    `InvalidInput` with the place in the file.
    """
    digest = hashlib.sha256(given_file(path, LARGEST_PROGRAM, str(path), EXAMPLE))
    with running(path, EXAMPLE) as defined:
        yield _task(path, defined, digest)


def _task(path: Path, defined: Mapping[str, Any], digest: hashlib._Hash) -> Task:
    for name in ("model", "data"):
        if not callable(defined.get(name)):
            raise InvalidInput(str(path), f"defines no {name}()", f"def {name}():")
    loss, evaluate = defined.get("loss"), defined.get("evaluate")
    if (loss is None) == (evaluate is None):
        raise InvalidInput(str(path), f"defines {'neither' if loss is None else 'both'} loss and evaluate",
                           "def loss(outputs, targets):, or def evaluate(model, batch):")
    if not callable(evaluate if loss is None else loss):
        raise InvalidInput(str(path), "loss is no function", "def loss(outputs, targets):")
    model = _called(path, defined["model"], "model")
    if not isinstance(model, torch.nn.Module):
        raise InvalidInput(f"{path}: model()", f"returns a {type(model).__name__}", "a torch.nn.Module")
    samples = samples_of(_called(path, defined["data"], "data"), whole_batches=evaluate is not None)
    objective, masks = Objective(model.eval(), loss, evaluate), {WHOLE: None, **_masks(path, defined)}
    for mask in masks.values():
        ModuleLoss(objective, samples, mask=mask)  # raises unless the mask fits
    if isinstance(samples, Samples):
        for leaf in leaves(samples.tree):
            digest.update(leaf.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes())
    return Task(path, objective, samples, masks, _estimators(path, defined), digest.hexdigest())


def _estimators(path: Path, defined: Mapping[str, Any]) -> dict[str, Settings]:
    if "estimators" not in defined:
        return {}
    found = _called(path, defined["estimators"], "estimators")
    if not (isinstance(found, Mapping) and all(isinstance(name, str) and name.replace("-", "_").isidentifier()
            and name not in (CONVERGED, *LITERAL) and isinstance(given, Mapping) for name, given in found.items())):
        raise InvalidInput(f"{path}: estimators()", f"is no dictionary of settings by names other than "
                           f"{', '.join((CONVERGED, *LITERAL))}", '{"colder": {"nbeta": 1000.0}}')
    return {name: settings_from({"sampler": None, **given}) for name, given in found.items()}


def _masks(path: Path, defined: Mapping[str, Any]) -> dict[str, Mask]:
    if "masks" not in defined:
        return {}
    masks = _called(path, defined["masks"], "masks")
    good = isinstance(masks, Mapping) and all(isinstance(key, str) and key.isidentifier() and key != WHOLE
                                              and isinstance(mask, Mapping) for key, mask in masks.items())
    if not good:
        raise InvalidInput(f"{path}: masks()", f"is no dictionary of masks by names other than {WHOLE}",
                           '{"first": {"0.weight": a tensor of bools}}')
    return dict(masks)


def _called(path: Path, function: Callable[[], Any], name: str) -> Any:
    try:
        return function()
    except InvalidInput:
        raise
    except BaseException as error:
        if not is_of_program(error):
            raise
        raise broken(error, path, f"{name}() raises") from None
