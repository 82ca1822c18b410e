"""Which of two basins of a posterior has the smaller free energy, to leading order."""

from slt_symbolic.free_energy.basins import Basin, Comparison, basin_of_entry
from slt_symbolic.free_energy.leading_terms import LeadingTerms

__all__ = ["Basin", "Comparison", "LeadingTerms", "basin_of_entry"]
