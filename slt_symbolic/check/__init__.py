"""The trusted side: what a certificate says, and the program that verifies it. Imports nothing of the search.

Read FORMAT.md first, the contract. Then: `bracket` (the calculus of ``(lambda, m)``), `stratum` (what a node of the
tree states), `core` (the verification), then one file per kind of step in `steps`. The mathematics that steps share:
`signs` (polynomials without real zeros, by proofs that are data), `optimum` (the linear program of monomials),
`polyhedron` (compact faces, cones), `real_roots`, `resultant`, `ring`, `grammar`; `budget` counts work before it is
done.

Trusted of python-flint: sums, products, substitutions, division with remainder (multiplied back), ranks and
determinants of rational matrices, and the primality test. Nothing is factored or searched for, nothing uses floats.
"""
