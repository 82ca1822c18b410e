"""The study of the fits that training reaches: its measures against dense ranks, from end to end, and what is kept."""

import json
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from derivations import modular_addition_labels
from numerics.networks.file import Network
from numerics.studies.labels import study as module
from numerics.studies.labels.measures import fit_row, jacobian_beside
from numerics.studies.labels.study import PUBLISHED, checks, main

RESULTS = json.loads((module.Path(module.__file__).parent / "results" / "results.json").read_text())


def network(p, width, number, seed, sums_are_zero):
    rng = np.random.default_rng(seed)
    pairs = tuple((int(x) // p, int(x) % p) for x in rng.choice(p * p, number, replace=False))
    v = rng.normal(size=(width, p))
    return Network(rng.normal(size=(width, 2 * p)), v - sums_are_zero * v.mean(1, keepdims=True), pairs, True, "add")


@pytest.mark.parametrize(("width", "sums_are_zero"), [(8, 0), (8, 1), (12, 0), (12, 1), (14, 0)])
def test_against_the_whole_jacobian(width, sums_are_zero):
    """The rank is that of the features in each output, and what the other directions reach beside them."""
    one = network(4, width, 14, width, sums_are_zero)
    found = fit_row(one)
    rank = int(np.linalg.matrix_rank(one.loss.jacobian(one.theta).numpy(), tol=1e-8))
    assert found["features"] == min(width, 13)
    assert found["onto"] == (rank == 4 * 13)
    assert found["onto"] == (not sums_are_zero)
    least, largest = found["without_sums"]
    assert width >= 13 or least < 1e-8 * largest


def test_singular_values_beside_the_features():
    """One function is left: the singular values are those of the outputs, times what each unit reaches there."""
    one = network(3, 1, 9, 0, 0)
    left = np.zeros((1, 9))
    left[0, 2] = 1
    a, b = one.pairs[2]
    size = abs(one.w[0, a] + one.w[0, 3 + b]) * 2**0.5 * np.linalg.norm(one.v[0])
    least, largest = jacobian_beside(one, left)
    assert (least, largest) == pytest.approx((0, size), abs=1e-7)


def test_from_end_to_end(tmp_path, monkeypatch, capsys):
    """Tiny networks, which do not memorise in time: that is said; what is kept is not trained again."""
    monkeypatch.setattr(module, "PUBLISHED", replace(PUBLISHED, p=5, width=8, fraction=0.8, epochs=10, seeds=1))
    assert main(["--out", str(tmp_path)]) == 0
    assert "no exact fit is found near" in (tmp_path / "report.md").read_text()
    monkeypatch.setattr(module, "courses", None)
    assert main(["--out", str(tmp_path)]) == 0
    capsys.readouterr()


def test_checks_can_fail():
    """Negative control: features of full rank, a Jacobian that is not onto, a fit that is far away."""
    assert len(checks(RESULTS)) == 12
    assert all(check.holds for check in checks(RESULTS))
    for place, wrong in (("features", 1024), ("beside_features", [1e-9, 1.0]), ("without_sums", [0.5, 1.0])):
        changed = json.loads(json.dumps(RESULTS))
        changed["networks"][0]["at_the_fit"][place] = wrong
        assert sum(not check.holds for check in checks(changed)) == 1
    changed = json.loads(json.dumps(RESULTS))
    changed["networks"][0]["moved"] = 0.5
    changed["networks"][1]["fits"] = True
    assert sum(not check.holds for check in checks(changed)) == 2


def test_the_page_has_the_numbers_that_are_kept():
    steps = modular_addition_labels.DERIVATION.steps
    page = next(step.text for step in steps if step.title.startswith("What training"))
    memorised, generalised = (RESULTS["networks"][start::2] for start in (0, 1))
    assert {row["at_the_fit"]["features"] for row in memorised} == {1023}
    for row in memorised:
        assert f"{100 * row['moved']:.1f} %" in page
        assert f"${row['trained']['largest_sum']:.2f}$" in page
        assert row["trained"]["largest_output"] < 0.33
        least, largest = row["at_the_fit"]["beside_features"]
        assert least > 0.32 * largest
    for index in (0, 1):
        assert " and ".join(str(row["trained"]["units"][index]) for row in generalised) in page
    for index in (0, 1, 2):
        assert " and ".join(str(row["trained"]["feature_ranks"][index]) for row in generalised) in page
    assert Fraction(53 * generalised[0]["trained"]["feature_ranks"][0], 2) == Fraction(10017, 2)
