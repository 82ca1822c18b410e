"""The trusted side: what a certificate says, and the program that verifies it. Imports nothing of the search.

Read in this order: `pairs` (the calculus of ``(lambda, m)``), `stratum` (what a node of the tree states),
`core` (the verification), then one file per kind of step in `steps`. The mathematics that steps share:
`ring` (polynomials), `polyhedron` (compact faces, linear programs), `signs` (polynomials without real zeros).

Trusted libraries: python-flint (exact polynomials, factorisation, ranks, bounded Buchberger), SymPy (Sturm
sequences of univariate polynomials). Nothing here uses floats.
"""
