"""Which of two basins of a posterior has the smaller free energy: leading terms, and bounded ones where sampled."""

from slt_symbolic.free_energy.basins import Basin, Comparison, basin_of_entry
from slt_symbolic.free_energy.leading_terms import LeadingTerms
from slt_symbolic.free_energy.window import WindowDifference, WindowFreeEnergy

__all__ = ["Basin", "Comparison", "LeadingTerms", "WindowDifference", "WindowFreeEnergy", "basin_of_entry"]
