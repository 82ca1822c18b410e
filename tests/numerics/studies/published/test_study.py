"""The study from end to end on tiny networks: everything is measured once, kept, and told."""

import json
from dataclasses import replace

import pytest

from numerics.sampling.localised import Chains
from numerics.sampling.published import PUBLISHED
from numerics.studies.published import plan
from numerics.studies.published.plan import Run
from numerics.studies.published.study import main

TINY = replace(
    plan.SMALL, p=7, width=12, memorised=20, generalised=60, norms=(0.0, 1.0), chains=2, noise_draws=10,
    runs=(Run(plan.TRUE, (0, 20, 60), 1e-3, converged=(60,)), Run(plan.AUTHORS, (20,), 1e-3, hot=False),
          Run(plan.RANDOM, (0, 20, 60), 1e-3, "random"), Run(plan.HELD, (60,), 1e-3, held_from=20)),
    moduli=(5, 7), widths=(6, 12, 18), slope_moduli=(7,), slope_widths=(12,), hmc=Chains(2, 4, 6, leapfrogs=4))


def never(*_):
    raise AssertionError("measured again")


@pytest.mark.sampled
@pytest.mark.long
def test_everything_is_measured_once_kept_and_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("numerics.studies.published.study.SIZES", {"small": TINY})
    for module, name in (("measures", "HOT"), ("measures", "BLURRED"), ("controls", "HOT")):
        chain = PUBLISHED["gamma 5" if name == "HOT" else "gamma 100"]
        monkeypatch.setattr(f"numerics.studies.published.{module}.{name}", replace(chain, burn_in=20, draws=80))
    monkeypatch.setattr("numerics.studies.published.controls.CONVERGED_BURN_IN", 150)
    assert main(["--out", str(tmp_path)]) == 1  # nothing was learned in 60 steps, and checks say so
    said = capsys.readouterr().out
    assert "FAIL the run with true labels generalises" in said
    results = json.loads((tmp_path / "results.json").read_text())
    assert [row["step"] for row in results["runs"][plan.TRUE]] == [0, 20, 60]
    one, held = results["runs"][plan.TRUE], results["runs"][plan.HELD]
    assert held[0]["square_norm"] == pytest.approx(one[1]["square_norm"], rel=1e-4)
    assert one[2]["square_norm"] != pytest.approx(one[1]["square_norm"], rel=1e-2)
    assert all(abs(row["loss"] - one[-1]["train_loss"]) < 1e-5 for row in results["gauge"])
    report = (tmp_path / "report.md").read_text()
    assert all(check["name"] in report for check in results["checks"])
    assert {f"{name}.{kind}" for name in ("along", "ramp", "slopes") for kind in ("png", "svg")} <= {
        path.name for path in tmp_path.iterdir()}
    for name in ("measured", "cell_row"):
        monkeypatch.setattr(f"numerics.studies.published.study.{name}", never)
    assert main(["--out", str(tmp_path)]) == 1
    assert json.loads((tmp_path / "results.json").read_text())["checks"] == results["checks"]


def test_bad_input(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    for arguments in ([], ["--out", str(tmp_path / "file")], ["--out", str(tmp_path), "--size", "large"]):
        assert main(arguments) == 2
        assert capsys.readouterr().err.splitlines()[-1].startswith("error: ")
