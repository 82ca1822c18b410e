"""The study from end to end on tiny networks, its file of runs, and what is told of the committed results."""

import json
from dataclasses import asdict, replace

import pytest

from numerics.sampling.localised import Chains
from numerics.studies.published.measures import BLURRED, HOT
from numerics.studies.tracking.analysis import analyse
from numerics.studies.tracking.checks import checks
from numerics.studies.tracking.plan import RUNS, Setting, read_runs
from numerics.studies.tracking.report import answer
from numerics.studies.tracking.study import main
from slt_symbolic.errors import InvalidInput
from tests import ROOT

RESULTS = ROOT / "numerics" / "studies" / "tracking" / "results"
TINY = """
[[run]]
name = "tiny"
p = 5
width = 12
fraction = 0.8
weight_decay = 1e-2
lr = 2e-2
epochs = 150
seeds = 3
converged = 1
[[run]]
name = "random"
p = 5
width = 6
fraction = 0.6
weight_decay = 1e-3
epochs = 20
seeds = 1
labels = "random"
[[run]]
name = "other"
model = "relu"
p = 5
width = 6
fraction = 0.6
weight_decay = 1
epochs = 20
seeds = 1
"""


def never(*_):
    raise AssertionError("trained again")


@pytest.mark.sampled
@pytest.mark.long
def test_everything_is_measured_once_kept_and_told(tmp_path, monkeypatch, capsys):
    for name, chain in (("HOT", HOT), ("BLURRED", BLURRED)):
        monkeypatch.setattr(f"numerics.studies.tracking.measures.{name}", replace(chain, burn_in=5, draws=20))
    monkeypatch.setattr("numerics.studies.tracking.measures.HMC", Chains(2, 2, 4, leapfrogs=2, mode_steps=5))
    (tmp_path / "runs.toml").write_text(TINY)
    command = ["--runs", str(tmp_path / "runs.toml"), "--out", str(tmp_path / "out"), "--workers", "1"]
    first = main(command)
    assert "quadratic networks generalise with some seeds" in capsys.readouterr().out
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert [(run["setting"], run["seed"]) for run in results["runs"]] == [
        ("tiny", 0), ("tiny", 1), ("tiny", 2), ("random", 0), ("other", 0)]
    assert first == (0 if all(check["holds"] for check in results["checks"]) else 1)
    assert {"report.md", "measures.png", "along.png"} <= {path.name for path in (tmp_path / "out").iterdir()}
    monkeypatch.setattr("numerics.studies.tracking.study.courses", never)
    assert main(command) == first
    with pytest.raises(AssertionError, match="trained again"):
        main([*command, "--seed", "7"])


def test_the_files_of_runs_are_what_they_say():
    small, full = read_runs(RUNS["small"]), read_runs(RUNS["full"])
    asked = [setting for setting in small if setting.family == "quadratic" and not setting.is_control]
    assert [setting.seeds for setting in asked] == [20, 20, 20]
    assert {setting.model for setting in full} == {"quadratic", "relu", "transformer"}
    assert 53 in {setting.p for setting in full}


@pytest.mark.parametrize(("change", "problem"), [
    ("p = 2", "must be an integer >= 3"), ("p = 5.5", "must be an integer"), ("labels = 'none'", "is none of sums"),
    ("fraction = 1.5", "must be between 0 and 1"), ("lr = -1", "must be a number from 0"), ("colour = 1", "is no key"),
    ("p =", "is not TOML"), ("[other]", "must hold"), ("[[run]]\nname = 'a'", "a run is incomplete"),
    ("name = '../../a'", "must be text of up to 100 letters"), ("name = 'a/b'", "must be text"),
    ("name = 5", "must be text"), ("name = {a = 1}", "must be text"), ("name = '|'", "must be text"),
    ("seeds = true", "must be an integer"), (f"seeds = {10**9}", "at most 100000"), (f"kept = {10**9}", "at most 1000"),
    (f"lr = 1{'0' * 400}", "must be a number"), ("lr = 0", "must be positive"), ("lr = nan", "must be a number"),
    (f"width = {10**9}", "more than 4 GiB"), (f"seed = {10**20}", "must be an integer"),
    (f"epochs = {list(range(10, 400))}\nlater = {list(range(400))}", "has more than 100000 runs"),
    ("lr = []", "has no runs"), ("aside = false\n[[run]]\nname = 'a'\np = 5\nwidth = 6\nfraction = 0.5\n"
     "weight_decay = 0\nepochs = 20\nseeds = 1", "two runs of one name"), ("p = " + "[" * 5000, "nested too deeply")])
def test_a_file_that_is_wrong_is_one_line(tmp_path, change, problem, capsys):
    keys = {"name": "'a'", "p": "5", "width": "6", "fraction": "0.5", "weight_decay": "0", "epochs": "20", "seeds": "1"}
    del keys["p"]
    path = tmp_path / "runs.toml"
    given = "" if change.startswith(("p ", "[")) else "p = 5\n"
    keys.pop(change.split()[0], None)
    path.write_text("[[run]]\n" + given + "".join(f"{key} = {value}\n" for key, value in keys.items()) + change + "\n")
    with pytest.raises(InvalidInput, match=problem):
        read_runs(path)
    assert main(["--runs", str(path), "--out", str(tmp_path / "out")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_lists_are_crossed(tmp_path):
    path = tmp_path / "runs.toml"
    path.write_text("[[run]]\nname = 'a'\np = [5, 7]\nwidth = 6\nfraction = [0.5, 0.6]\nweight_decay = 0\nepochs = 20\n"
                    "seeds = 1\n")
    found = read_runs(path)
    assert [(setting.p, setting.fraction) for setting in found] == [(5, 0.5), (5, 0.6), (7, 0.5), (7, 0.6)]
    assert found[1].name == "a, p = 5, fraction = 0.6"


def test_two_runs_of_one_name_and_bad_options(tmp_path, capsys):
    path = tmp_path / "runs.toml"
    path.write_text(2 * TINY)
    with pytest.raises(InvalidInput, match="two runs of one name"):
        read_runs(path)
    for arguments in ([], ["--out", str(tmp_path), "--size", "large"], ["--out", str(tmp_path), "--seed", "-1"],
                      ["--out", str(tmp_path), "--workers", "0"], ["--out", str(tmp_path), "--scheduler", "tcp://x:1"]):
        assert main(arguments) == 2
        assert capsys.readouterr().err.splitlines()[-1].startswith("error: ")


KEPT = {"small": RESULTS, **{size: RESULTS / size for size in ("published", "few-pairs", "transformer")}}


@pytest.fixture(scope="module", params=sorted(KEPT))
def kept(request):
    """Which size, and the folder of its results."""
    return request.param, KEPT[request.param]


@pytest.fixture(scope="module")
def results(kept):
    return json.loads((kept[1] / "results.json").read_text())


def test_the_committed_results_are_of_the_runs_that_were_planned(results, kept):
    settings = read_runs(RUNS[kept[0]])
    assert results["settings"] == [asdict(setting) for setting in settings]
    assert {(run["setting"], run["seed"]) for run in results["runs"]} == {
        (setting.name, seed) for setting in settings for seed in range(setting.seed, setting.seed + setting.seeds)}


def test_the_committed_report_says_what_was_found(results, kept):
    report = (kept[1] / "report.md").read_text()
    assert all(line in report for line in answer(results))
    assert all(check["found"] in report and check["holds"] for check in results["checks"])


@pytest.mark.long
def test_the_committed_analysis_is_that_of_the_committed_runs(results):
    settings = [Setting(**setting) for setting in results["settings"]]
    found = json.loads(json.dumps(analyse(settings, results["runs"])))
    assert found["outcomes"] == results["outcomes"]
    for family, told in results["families"].items():
        for measure, row in told["measures"].items():
            for key in ("correlation", "over_norm", "to_end", "evenly", "forecast", "diagnosis"):
                assert found["families"][family]["measures"][measure][key] == pytest.approx(row[key])
    assert [check.found for check in checks(found | {key: results[key] for key in ("settings", "gauge", "runs")})] == [
        check["found"] for check in results["checks"]]
