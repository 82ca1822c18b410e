"""Networks that are really trained, sampled, and compared with the exact values. Needs the numerics extra."""

from numerics.estimate import Estimate, EstimateError, Settings
from numerics.llc import llc

__all__ = ["Estimate", "EstimateError", "Settings", "llc"]
