"""Networks that are really trained, sampled, and compared with the exact values. Needs the numerics extra."""

from numerics.estimation.estimate import Estimate, EstimateError, Settings
from numerics.estimation.llc import llc
from numerics.estimation.monitor import LLCMonitor, Measurement, Signal

__all__ = ["Estimate", "EstimateError", "LLCMonitor", "Measurement", "Settings", "Signal", "llc"]
