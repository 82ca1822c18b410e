"""Hypothesis strategies that several tests draw from; those for users are in `slt_symbolic.testing`."""

from hypothesis import strategies as st


@st.composite
def pair_sets(draw, largest=4, most=9):
    """A modulus and training pairs, at least one."""
    p = draw(st.integers(2, largest))
    pairs = draw(st.sets(st.tuples(st.integers(0, p - 1), st.integers(0, p - 1)), min_size=1, max_size=most))
    return p, tuple(sorted(pairs))
