"""Pictures of resolutions: what is marked is what was computed, and nothing is drawn that would mislead."""

import json
import re
from fractions import Fraction

import pytest

from slt_symbolic import rlct
from slt_symbolic.check.core import read_stratum, ring_of_certificate
from slt_symbolic.rendering.atlas.polyhedra import drawing, picture_of
from slt_symbolic.rendering.atlas.resolution import MOST_NODES, resolution_in, resolution_of, resolutions
from slt_symbolic.storage.files import write_atomically


def root_of(*polynomials):
    certificate = rlct(polynomials).certificate
    return read_stratum(ring_of_certificate(certificate), certificate["tree"]["stratum"])


@pytest.mark.parametrize(("polynomials", "enters"), [
    (("x*y",), Fraction(1)),
    (("x^2 - y^3",), Fraction(6, 5)),  # 3 a + 2 b = 6 at a = b
    (("x^2 - y^2*z",), Fraction(1)),
    (("x^2 + y^3 + z^5",), Fraction(30, 31)),  # 15 a + 10 b + 6 c = 30
    (("x*y", "y*z", "z*x"), Fraction(2, 3)),
])
def test_where_the_diagonal_enters(polynomials, enters):
    picture = picture_of(root_of(*polynomials))
    assert picture.enters == enters
    assert f"enters at t = {enters}: lambda at most {1 / (2 * enters)}" in drawing(picture)


def test_the_crossing_is_drawn_on_the_face():
    svg = drawing(picture_of(root_of("x^2 - y^3")))
    (outline,) = re.findall(r'class="face compact" points="([^"]+)"', svg)
    (a, b), (c, d) = (map(int, point.split(",")) for point in outline.split())
    x, y = map(int, re.search(r'translate\((\d+),(\d+)\)"><rect', svg).groups())
    assert abs((x - a) * (d - b) - (y - b) * (c - a)) <= 2 * max(abs(c - a), abs(d - b))  # rounded to pixels
    assert a < x < c


@pytest.mark.parametrize("polynomials", [("x",), ("x + y*z*w + x^2",), ("x*y - z*w",)])
def test_nothing_is_drawn_of_other_than_two_or_three_variables(polynomials):
    assert picture_of(root_of(*polynomials)) is None


def test_lambda_is_claimed_of_the_polyhedron_only_where_it_is_lambda():
    attained = {resolution.title: resolution.tree.attained for _, resolution in resolutions()}
    assert attained["x^2 - y^3"]
    assert not attained["x^2 + y^3 + z^5"]  # it takes both signs: 1/2 < 31/60


def test_the_parts_that_compute_have_lambda():
    resolution = resolution_of(rlct(["a*b + c*d", "a*b^3 + 2*c*d^3"]).certificate, "")
    nodes = list(resolution.tree)
    assert len({node.computes for node in nodes}) == 2
    for node in nodes:
        least = {child.bracket for child in node.children if child.computes}
        assert node.step not in ("split", "blowup") or not node.computes or least <= {node.bracket}
    assert {node.bracket for node in nodes if node.computes} == {"2/3, m = 1"}
    assert sum(len(node.chain) > 1 for node in nodes) > 3


def test_the_resolution_of_an_entry_is_small_and_has_a_picture(tmp_path):
    instances = []
    for name, polynomials in (("rank", ["x"]), ("cusp", ["x^2 - y^3"]), ("none", None)):
        if polynomials:
            write_atomically(tmp_path / f"{name}.json", json.dumps(rlct(polynomials).certificate))
        instances.append({"sizes": {"n": 1}, "certificate": {"file": f"{name}.json"} if polynomials else None})
    found = resolution_in(instances, tmp_path)
    assert found.tree.loss == "K = (y^3 - x^2)^2"
    assert len(list(found)) <= MOST_NODES
    assert resolution_in([instances[0], instances[2]], tmp_path) is None
