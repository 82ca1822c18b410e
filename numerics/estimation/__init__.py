"""Estimates of learning coefficients, with a budget of their bias."""
