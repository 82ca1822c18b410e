"""Whether the free energies of the basins that a network passes through change their order when it generalises."""
