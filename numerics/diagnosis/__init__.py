"""What a trained network is: its units, its rank, the fit next to it."""
