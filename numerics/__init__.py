"""Networks that are really trained, sampled, and compared with the exact values. Needs the numerics extra."""

from numerics.estimate import Estimate, EstimateError, Settings
from numerics.llc import llc
from numerics.monitor import LLCMonitor, Measurement, Signal

__all__ = ["Estimate", "EstimateError", "LLCMonitor", "Measurement", "Settings", "Signal", "llc"]
