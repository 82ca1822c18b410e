"""Function maps of networks on data, and the germs of their losses at a point."""

from slt_symbolic.networks.data import QuadraticForms, TwoHotPairs, all_pairs
from slt_symbolic.networks.quadratic import QuadraticNetwork, germ_at

__all__ = ["QuadraticForms", "QuadraticNetwork", "TwoHotPairs", "all_pairs", "germ_at"]
