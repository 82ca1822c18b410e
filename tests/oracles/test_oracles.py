"""The oracles on cases done by hand, against one another, and their independence of the package."""

from __future__ import annotations

import ast
from fractions import Fraction
from pathlib import Path

import pytest

from tests import oracles
from tests.oracles import cones, homogeneous, plane, polyhedra, sum_of_squares
from tests.oracles.ends import least, monomial, product, within
from tests.oracles.points import RING, TooLarge, real_points

FILES = sorted(Path(oracles.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_oracles_share_no_code_with_the_package(path):
    nodes = list(ast.walk(ast.parse(path.read_text())))
    imported = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    assert not {module.split(".")[0] for module in imported} & {"slt_symbolic", "derivations", "numerics"}


# Each with the reason.
PLANE = [
    (["x"], "1/2", 1, "smooth"),
    (["x*y"], "1/2", 2, "a node"),
    (["x^2 - y^2"], "1/2", 2, "a node"),
    (["x^2 - 2*y^2"], "1/2", 2, "a node with irrational tangents"),
    (["x^2 + y^2"], "1/2", 1, "no real branch: the blow-up alone, 2/(2·2)"),
    (["(x^2 + y^2)^2*x"], "1/5", 1, "order 5: 2/10 < 1/2"),
    (["x^2 - y^3"], "5/12", 1, "cusp: weights (3, 2), order 6"),
    (["(x^2 - y^3)^2"], "5/24", 1, "half of a cusp, below 1/4"),
    (["y^2 - x^4"], "3/8", 1, "tacnode: weights (1, 2), order 4"),
    (["y^2 + x^4"], "3/8", 1, "weights (1, 2), order 4"),
    (["x^3 - 3*x*y^2 + y^3"], "1/3", 1, "three real lines"),
    (["(x^3 - 2*y^3)^2*x"], "1/7", 1, "order 7"),
    (["(y^2 - 2*x^2)^2 + x^5"], "1/4", 2, "t^4 (8 b^2 + t): at the tangents a = 3, 5 with N = 5, 10 and E has 2/8, "
                                         "and the last divisor, a = 5, N = 10, crosses E"),
    (["(y^3 - 2*x^3)^2 + x^7"], "1/6", 1, "2/12 at E; above the real cube root N = 14, a = 5, more than 1/6"),
    (["x^2", "x*y", "y^3"], "1/2", 2, "monomial: w = (1/2, 1/2) to (2/3, 1/3)"),
    (["x", "y"], "1", 1, "a point"),
    (["x^2", "y^2"], "1/2", 1, "a point with squares"),
    (["y - x^2", "x^5"], "3/5", 1, "straightened: 1/2 + 1/10"),
    (["x*(y - x^2)", "x^6"], "1/2", 2, "x times (y', x^5)"),
    (["x^3*y^2"], "1/6", 1, "a monomial"),
]


@pytest.mark.parametrize(("generators", "value", "multiplicity", "reason"), PLANE)
def test_plane(generators, value, multiplicity, reason):
    assert plane.threshold(generators) == (Fraction(value), multiplicity), reason


def test_plane_refuses_the_unit_ideal():
    with pytest.raises(ValueError, match="unit ideal"):
        plane.threshold(["1 + x"])


CONES = [
    (["x"], "1/2", 1, "a plane"),
    (["x*y"], "1/2", 2, "two planes"),
    (["x*y*z"], "1/2", 3, "three planes"),
    (["x*y*(x + y)"], "1/3", 1, "three planes through a line: 2/(2·3)"),
    (["x^2 + y^2 - z^2"], "1/2", 1, "a cone: 3/4 at the origin"),
    (["x^2 + y^2 + z^2"], "3/4", 1, "a point"),
    (["x^2 + y^2"], "1/2", 1, "a line, of codimension two, with squares"),
    (["x^2 - 2*y^2"], "1/2", 2, "two planes"),
    (["(x^2 + y^2 - z^2)*(x - z)"], "3/8", 1, "tangent: a tacnode on the projective plane; 1/2 at the origin"),
    (["(x^2 + y^2 - z^2)^2*(x - z)"], "1/4", 2, "conic doubled, 1/4; at the tangent N = 3, 6, a = 2, 3: 1/4 again, and "
                                               "3/10 at the origin"),
    (["(x^2 + y^2 - z^2)^3*(x - z)^2"], "3/20", 1, "at the tangent N = 5, 8, a = 2, 3: 3/16; the origin 3/16; the "
                                                  "conic 1/6"),
    (["y^2*z - x^3"], "5/12", 1, "a cone over a cusp"),
    (["x", "y", "z"], "3/2", 1, "a point"),
    (["x*y", "x*z"], "1/2", 1, "x, 1/2, times (y, z), 1"),
    (["x*y^2", "x*z^2"], "1/2", 2, "x, 1/2, times (y^2, z^2), 1/2"),
    (["x^2 - 2*y^2", "x*z"], "3/4", 2, "3/4 at the origin; at (0:0:1) the ideal (x, y^2) has 1/2 + 1/4 as well"),
]


def test_points_over_points():
    """The real solutions of x^3 = 2, y^2 = x are two, of one field."""
    x, y, _ = RING.gens()
    (point,) = real_points([x**3 - 2, y**2 - x])
    assert point.modulus.degree() == 6
    assert (point.v**2 - point.u) % point.modulus == 0
    assert (point.u**3 - 2) % point.modulus == 0
    assert real_points([x**3 + 2, y**2 - x]) == []
    with pytest.raises(TooLarge):
        real_points([x**17 - 2, y])


def test_ends():
    half, third = Fraction(1, 2), Fraction(1, 3)
    assert least([(half, 1), (half, 2), (third, 1)]) == (third, 1)
    assert product((half, 1), (half, 2)) == (half, 3)
    assert product((half, 3), (third, 1)) == (third, 1)
    assert monomial([(0, 4), (2, 2)]) == (half, 1)
    assert within((half, 1), (half, 2), (half, 1))
    assert not within((half, 3), (half, 2), (half, 1))


@pytest.mark.parametrize(("p", "q", "factors"), [
    (1, 1, [([1, 0, -2], 1)]), (2, 3, [([1, -1], 2), ([1, 2], 1)]), (1, 2, [([1, 0, 1], 1)]),
    (3, 4, [([1, 0, -3], 1)]), (1, 3, [([1, -2], 3), ([1, 1, 1], 1)]),
])
@pytest.mark.parametrize(("a", "b"), [(0, 0), (1, 0), (0, 3), (2, 2)])
def test_plane_agrees_with_weights(a, b, p, q, factors):
    assert (plane.threshold([homogeneous.weighted_text(a, b, p, q, factors)])
            == homogeneous.weighted(a, b, p, q, factors))


@pytest.mark.parametrize("generators", [
    ["x*y*(x - y)"], ["x^2*y^2"], ["x^3", "x^2*y"], ["(x^2 - 2*y^2)^2"], ["(x^2 + y^2)*x*y"], ["x^3*y", "x*y^3"],
])
def test_plane_and_cones_agree_with_forms(generators):
    """A further variable that does not occur changes nothing."""
    end = homogeneous.binary_forms(generators)
    assert plane.threshold(generators) == end
    assert cones.threshold(generators) == end


@pytest.mark.parametrize(("coefficients", "exponents", "power"), [
    ([1, -1], [2, 3], 1), ([1, 1], [4, 4], 2), ([1, -2], [2, 4], 1), ([2, -1], [2, 2], 3), ([1, 1], [3, 5], 1),
])
def test_plane_agrees_with_diagonal(coefficients, exponents, power):
    inner = " + ".join(f"({c})*{name}^{k}" for c, name, k in zip(coefficients, "xy", exponents, strict=True))
    assert plane.threshold([f"({inner})^{power}"]) == homogeneous.diagonal(coefficients, exponents, power)


@pytest.mark.parametrize("generators", [["x^2", "x*y", "y^3"], ["x*(y - x)", "x^3"], ["x^2 - 2*y^2", "x*y^2"]])
def test_plane_agrees_with_the_expanded_loss(generators):
    assert plane.threshold_of_function(sum_of_squares.loss(generators, ["x", "y"])) == plane.threshold(generators)


@pytest.mark.parametrize("exponents", [[(1, 1)], [(2, 0), (1, 1), (0, 3)], [(3, 0), (0, 2)], [(4, 1), (2, 2)]])
def test_plane_agrees_with_polyhedra(exponents):
    assert plane.threshold([f"x^{a}*y^{b}" for a, b in exponents]) == polyhedra.threshold(exponents, [0, 0])


def test_polyhedra():
    assert polyhedra.threshold([(1, 1, 0), (0, 1, 1), (1, 0, 1)], [0, 0, 0]) == (Fraction(3, 4), 1)
    assert polyhedra.threshold([(1, 1, 1)], [0, 0, 0]) == (Fraction(1, 2), 3)
    assert polyhedra.threshold([(2, 0)], [1, 0]) == (Fraction(1, 2), 1)
    square = [(1, 1, 0, 0), (1, 0, 1, 0), (0, 1, 0, 1), (0, 0, 1, 1)]
    assert len(polyhedra.compact_faces(square)) == 9
    assert not any(len(face) == 3 for face in polyhedra.compact_faces(square))
    assert polyhedra.compact_faces([(1, 0), (1, 1)]) == {frozenset([(1, 0)])}


@pytest.mark.parametrize(("generators", "value", "multiplicity", "reason"), CONES)
def test_cones(generators, value, multiplicity, reason):
    assert cones.threshold(generators) == (Fraction(value), multiplicity), reason
