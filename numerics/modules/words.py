"""The words of other tools for what `llc` is asked, answered with ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from difflib import get_close_matches
from typing import Any

from numerics.estimation.settings import Settings
from slt_symbolic.errors import InvalidInput

WORDS = {
    "lr": "step_size", "learning_rate": "step_size", "step": "step_size", "epsilon": "step_size",
    "num_chains": "chains", "n_chains": "chains", "num_draws": "draws", "n_draws": "draws", "num_samples": "draws",
    "num_burnin_steps": "burn_in", "burnin": "burn_in", "burn_in_steps": "burn_in", "num_warmup": "burn_in",
    "localization": "gamma", "localisation": "gamma", "elasticity": "gamma", "batch_size": "batch",
    "sampling_method": "sampler", "beta": "nbeta", "temperature": "nbeta", "loader": "data", "dataloader": "data",
    "dataset": "data", "loss_fn": "loss", "criterion": "loss", "callbacks": "progress", "verbose": "progress",
    "optimize_over_per_model_param": "mask", "restrict_to": "mask", "random_seed": "seed", "cores": "device",
    "init_loss": "nothing: the loss at the weights is measured", "polish": 'at="minimum", which polishes, or at="here"',
    "optimizer_kwargs": "step_size, gamma and nbeta", "num_steps_bw_draws": "draws: every step is one",
}


def settings_from(given: Mapping[str, Any]) -> Settings:
    """The settings of that name. Raises `InvalidInput` for other words, with ours for those of another tool."""
    known = [field.name for field in fields(Settings)]
    for name, value in given.items():
        if name in known:
            continue
        ours = WORDS.get(name) or next(iter(get_close_matches(name, known, 1)), ", ".join(known))
        raise InvalidInput(f"{name}={value!r}", "is no word of llc", ours)
    return Settings(**given)
