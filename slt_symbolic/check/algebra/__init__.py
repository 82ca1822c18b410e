"""Algebra over the rationals that the steps need: polynomials from text, rings, roots, resultants, signs."""
