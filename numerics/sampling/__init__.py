"""Samplers, and what their draws say."""

from numerics.sampling.ladder import Target, Trace, run_ladder, run_sgld
from numerics.sampling.localised import Chains, Localised, sample_around
from numerics.sampling.schedule import Schedule
from numerics.sampling.steps import Posterior, State
from numerics.sampling.summary import EstimateError, Rung, rung_of

__all__ = ["Chains", "EstimateError", "Localised", "Posterior", "Rung", "Schedule", "State", "Target", "Trace",
           "run_ladder", "run_sgld", "rung_of", "sample_around"]
