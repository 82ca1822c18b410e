"""Second-order data: eigenvalues, densities, polishing, and what they say of lambda."""
