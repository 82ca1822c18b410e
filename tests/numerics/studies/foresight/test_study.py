"""The study from end to end on a few small runs, and what it says of them."""

import csv
import json

import numpy as np
import pytest

from numerics.networks.file import Network
from numerics.sampling.localised import Chains
from numerics.studies.foresight.measures import QUANTITIES, effective_rank, outcome_of
from numerics.studies.foresight.report import verdict
from numerics.studies.foresight.study import RUNS, main, study
from numerics.sweep.file import read_sweep
from slt_symbolic.errors import InvalidInput
from slt_symbolic.networks.data import all_pairs
from tests import ROOT

RESULTS = RUNS.parent / "results"
TINY, SMALL = ({"grok": [{"p": 11, "width": width, "fraction": [0.3, 0.75], "weight_decay": 3e-3, "epochs": 900}]}
               for width in ([40, 48], [40, 48, 56, 64]))
SHORT = {"measures.CHAINS": Chains(chains=2, burn_in=8, draws=12, leapfrogs=4, mode_steps=50),
         "measures.LOCAL_CHAINS": Chains(chains=2, burn_in=8, draws=12, leapfrogs=12), "report.SPLITS": 10}


@pytest.fixture(scope="module", params=[pytest.param((TINY, 1), id="tiny", marks=pytest.mark.long),
                                        pytest.param((SMALL, None), id="small", marks=pytest.mark.slow)])
def content_and_folder(request, tmp_path_factory):
    """Tiny: few runs, measured in this process by short chains."""
    (content, workers), folder = request.param, tmp_path_factory.mktemp("study")
    with pytest.MonkeyPatch.context() as patch:
        shorten(patch, content)
        study(content, folder, None, workers)
    return content, folder


def shorten(patch, content):
    for name, value in SHORT.items() if content is TINY else ():
        patch.setattr(f"numerics.studies.foresight.{name}", value)


@pytest.fixture
def folder(content_and_folder):
    return content_and_folder[1]


def trials(analysis):
    return [trial for family in analysis["families"].values() for trial in family["trials"].values()]


def replicated(analysis):
    return [one for family in analysis["replication"].values() for one in family.values()]


@pytest.mark.sampled
def test_the_runs_are_listed_one_a_line(content_and_folder):
    content, folder = content_and_folder
    with (folder / "runs.csv").open() as file:
        runs = list(csv.DictReader(file))
    assert len(runs) == 2 * len(content["grok"][0]["width"])
    assert {run["outcome"] for run in runs} == {"generalised", "never"}
    for run in runs:
        assert (run["outcome"] == "never") == (run["fraction"] == "0.3")
        assert run["seed"] == "0"
        assert int(run["epochs"]) == 900
        assert run["outcome"] == "never" or float(run["memorised"]) < float(run["moved"]) < float(run["generalised"])


@pytest.mark.sampled
def test_every_quantity_was_measured_at_every_snapshot(folder):
    with (folder / "measurements.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 40
    values = np.array([[float(row[name]) for name in QUANTITIES] for row in rows])
    assert np.isfinite(values).all()
    assert (values[:, QUANTITIES.index("llc_local")] > values[:, QUANTITIES.index("llc_published")]).all()


@pytest.mark.sampled
def test_the_report_says_what_the_data_say(folder):
    analysis = json.loads((folder / "study.json").read_text())
    report = (folder / "report.md").read_text()
    for line in verdict(analysis):
        assert line in report
    for trial in trials(analysis):
        assert trial["hits"] <= trial["generalised"]
        low, high = trial["skill_interval"]
        assert low <= trial["skill"] <= high
    assert {"skill.png", "trajectories.png"} <= {path.name for path in folder.iterdir()}


@pytest.mark.sampled
def test_claims_of_what_was_found_hold_and_another_not_and_nothing_is_measured_twice(content_and_folder, monkeypatch):
    content, folder = content_and_folder
    monkeypatch.setattr("numerics.studies.foresight.study.trajectory", None)  # would raise
    for name in ("draw_skill", "draw_trajectories"):
        monkeypatch.setattr(f"numerics.studies.foresight.study.{name}", lambda *_: None)
    shorten(monkeypatch, content)
    claims = json.loads((folder / "study.json").read_text())
    study(content, folder, claims, workers=1)
    again = json.loads((folder / "study.json").read_text())
    assert again["families"] == claims["families"]
    assert "Fresh seeds" in (folder / "report.md").read_text()
    for claimed, found in zip(trials(claims), replicated(again), strict=True):
        claimed["skill_interval"] = found["interval"]
    trials(claims)[0]["skill_interval"] = [2.0, 3.0]  # no skill is that high
    study(content, folder, claims, workers=1)
    first, *others = replicated(json.loads((folder / "study.json").read_text()))
    assert not first["overlap"]
    assert all(one["overlap"] for one in others)


def test_nothing_is_measured_at_what_has_changed_since_training(content_and_folder, monkeypatch, capsys):
    content, folder = content_and_folder
    shorten(monkeypatch, content)
    monkeypatch.setattr("numerics.studies.foresight.study.trajectory", None)  # would raise something else
    kept = sorted((folder / "measured").iterdir())[0]
    history = next((folder / "cells").glob(f"{kept.stem.rpartition('-')[0]}/history.csv"))
    before = {path: path.read_bytes() for path in (kept, history)}
    kept.unlink()
    history.write_bytes(before[history].replace(b"0.9", b"0.1", 1))
    with pytest.raises(InvalidInput, match=r"history.csv: not as it was written, or gone; try the same command once"):
        study(content, folder, None, workers=1)
    for path, content in before.items():
        path.write_bytes(content)


@pytest.mark.parametrize("folder", sorted(RESULTS.glob("seeds_*")), ids=lambda folder: folder.name)
def test_the_reports_that_are_committed_say_what_was_found(folder):
    analysis = json.loads((folder / "study.json").read_text())
    report = (folder / "report.md").read_text()
    for line in verdict(analysis):
        assert line in report
    with (folder / "runs.csv").open() as file:
        runs = list(csv.DictReader(file))
    assert len(runs) == analysis["runs"] >= 60
    outcomes = [run["outcome"] for run in runs]
    assert {kind: outcomes.count(kind) for kind in set(outcomes)} == analysis["outcomes"]
    assert outcomes.count("never") >= len(runs) / 3
    cells = read_sweep(RUNS)
    assert len(runs) == sum(cell.settings["seeds"] for cell in cells)
    alarm = analysis["default_alarm"]
    if folder.name == "seeds_0":
        said = f"preceded {alarm['hits']} of {alarm['generalised']} generalisations"
        readme = " ".join((ROOT / "README.md").read_text().split())
        assert said in readme
        assert f"in {alarm['false_alarms']} of {alarm['never']} runs that never generalise" in readme


def test_there_are_results_and_a_second_set_of_seeds():
    assert {"seeds_0", "seeds_100"} <= {folder.name for folder in RESULTS.iterdir()}
    assert json.loads((RESULTS / "seeds_100" / "study.json").read_text())["replication"] is not None


def test_the_default_runs():
    cells = read_sweep(RUNS)
    assert sum(cell.settings["seeds"] for cell in cells) >= 60
    for name in ("p", "width", "fraction", "weight_decay"):
        assert len({cell.settings[name] for cell in cells}) > 1


def test_bad_input(tmp_path, capsys):
    for number, wrong in enumerate(("[]", '{"families": 5}', '{"families": {"Levels": {"trials": {"epoch": {}}}}}')):
        (tmp_path / f"{number}.json").write_text(wrong)
    (tmp_path / "claims.json").write_text(
        (RESULTS / "seeds_0" / "study.json").read_text().replace('"is below"', '"is beside"'))
    for claims in ("claims.json", "none.json", "0.json", "1.json", "2.json"):
        assert main(["--out", str(tmp_path / "out"), "--claims", str(tmp_path / claims)]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert main(["--out", str(tmp_path / "claims.json")]) == 2  # a file
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["--out", str(tmp_path / "out"), "--seed", "-1"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(("generalised", "moved", "epochs", "wanted"), [
    (500.0, 100.0, [50, 60, 70], "generalised"), (500.0, 60.0, [50, 60, 70], "at once"),
    (500.0, 100.0, [50], "at once"), (None, 100.0, [50, 60], "between"), (None, None, [50, 60], "never")])
def test_outcomes(generalised, moved, epochs, wanted):
    rows = [{"epoch": epoch} for epoch in epochs]
    assert outcome_of({"generalised": generalised, "moved": moved, "rows": rows}) == wanted


def test_the_effective_rank_sees_scales_and_copies():
    random = np.random.default_rng(0)
    w, v = random.normal(size=(6, 10)), random.normal(size=(6, 5))

    def rank(w, v):
        return effective_rank(Network(w, v, all_pairs(5).pairs, True, "add"))

    t = random.uniform(0.5, 2, (6, 1))
    assert rank(t * w, v / t**2) == pytest.approx(rank(w, v))
    assert rank(np.tile(w, (2, 1)), np.tile(v, (2, 1))) == pytest.approx(rank(w, v))
    assert rank(np.tile(w[:1], (6, 1)), v) == pytest.approx(1)
    assert 1 < rank(w, v) < 6
