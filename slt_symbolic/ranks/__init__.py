"""Generic ranks of Jacobians: rigorous bounds from both sides."""
