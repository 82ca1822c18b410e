"""A germ: polynomials at a rational point, and how users may type them."""

from slt_symbolic.germ.germ import Germ

__all__ = ["Germ"]
