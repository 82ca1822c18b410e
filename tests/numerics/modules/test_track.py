"""`slt track`: checkpoints of any module, measured once; what is wrong with one of them, or with the task."""

import csv
import json
import os
from types import SimpleNamespace

import pytest
import torch

from numerics import EstimateError, llc
from numerics.estimation.settings import Settings
from numerics.modules import track
from numerics.modules.checkpoints import checkpoints_in, content_of, load_into
from numerics.modules.task import task_of
from numerics.modules.track import track_checkpoints
from slt_symbolic.commands.main import main
from slt_symbolic.errors import InvalidInput

TASK = """
import torch
def model():
    return torch.nn.Linear(2, 1)
def data():
    x = torch.randn(40, 2, generator=torch.Generator().manual_seed(0))
    return x, x.sum(1, keepdim=True)
def loss(outputs, targets):
    return ((outputs - targets) ** 2).mean()
"""
MASKS = """
def masks():
    return {"first": {"weight": torch.tensor([[True, False]])}}
"""
SHORT = Settings(sampler=None, chains=4, draws=100, seed=3)
OPTIONS = ["--chains", "4", "--draws", "100", "--seed", "3"]


def model() -> torch.nn.Module:
    return torch.nn.Linear(2, 1)


@pytest.fixture
def run(tmp_path):
    """A folder of three checkpoints, and the file of the task."""
    (tmp_path / "run").mkdir()
    (tmp_path / "task.py").write_text(TASK + MASKS)
    torch.manual_seed(0)
    for step in (20, 100, 3):
        torch.save(model().state_dict(), tmp_path / "run" / f"step_{step}.pt")
    return tmp_path


def tracked(run, task="task.py"):
    return main(["track", str(run / "run"), "--task", str(run / task), *OPTIONS, "--out", str(run / "out")])


@pytest.mark.long
def test_each_checkpoint_is_measured_as_llc_measures_it_and_only_once(run, monkeypatch):
    (run / "out").mkdir()
    found = track_checkpoints(run / "run", run / "task.py", run / "out", SHORT, progress=False)
    assert [(row.step, row.restriction) for row in found.rows] == [
        (step, name) for step in (3, 20, 100) for name in ("all", "first")]
    assert found.complete
    x = torch.randn(40, 2, generator=torch.Generator().manual_seed(0))
    network = model()
    network.load_state_dict(torch.load(run / "run" / "step_20.pt"))
    for row, mask in zip(found.rows[2:4], (None, {"weight": torch.tensor([[True, False]])}), strict=True):
        alone = llc(network, torch.nn.functional.mse_loss, (x, x.sum(1, keepdim=True)), at="here", mask=mask,
                    chains=4, draws=100, seed=3, progress=False)
        assert (row.excess, row.parameters) == (pytest.approx(alone.mean), 3 if mask is None else 1)
    lines = list(csv.DictReader((run / "out" / "trajectory.csv").read_text().splitlines()))
    assert [float(line["excess"]) for line in lines] == [row.excess for row in found.rows]
    assert {path.name for path in (run / "out").iterdir()} >= {"trajectory.png", "report.md"}

    measured = []
    monkeypatch.setattr(track, "estimate_excess", lambda loss, *_: measured.append(loss) or 1 / 0)
    assert track_checkpoints(run / "run", run / "task.py", run / "out", SHORT, progress=False).rows == found.rows
    torch.save(model().state_dict(), run / "run" / "step_20.pt")  # another one in its place
    with pytest.raises(ZeroDivisionError):
        track_checkpoints(run / "run", run / "task.py", run / "out", SHORT, progress=False)
    assert len(measured) == 1


def test_what_cannot_be_measured_is_named_and_the_others_go_on(run, capsys, monkeypatch):
    bad = model().state_dict()
    bad["bias"] = torch.full_like(bad["bias"], torch.nan)
    torch.save(bad, run / "run" / "step_30.pt")
    torch.save({"weight": torch.zeros(3)}, run / "run" / "step_40.pt")
    (run / "run" / "step_50.pt").write_bytes(b"junk")
    torch.save({name: x.to("meta") for name, x in model().state_dict().items()}, run / "run" / "step_60.pt")
    torch.save({name: x + 1j for name, x in model().state_dict().items()}, run / "run" / "step_70.pt")
    torch.save(model().state_dict() | {"\x1b[31m\nb": torch.zeros(1)}, run / "run" / "step_80.pt")

    def estimate(loss, start, settings):
        if loss.parameters == 1:
            raise EstimateError("a chain ran away", "try a larger gamma", {})
        return SimpleNamespace(mean=1.0, uncertainty=0.1, ess=100.0, rhat=1.0, nbeta=10.0, gamma=5.0, notes=("note",))

    monkeypatch.setattr(track, "estimate_excess", estimate)
    assert tracked(run) == 1
    notes = capsys.readouterr().err
    for problem in ("step_30.pt: bias is not finite: left out", "step_40.pt: does not fit the model: it lacks bias",
                    "step_50.pt: is not a torch file of tensors, or is damaged: left out",
                    "step_60.pt: weight is no plain tensor of real numbers: left out",
                    "step_70.pt: weight is no plain tensor of real numbers: left out",
                    "step_80.pt: does not fit the model: it has besides \\x1b[31m\\nb: left out"):
        assert problem in notes
    report = (run / "out" / "report.md").read_text()
    assert "step_30.pt: bias is not finite: left out" in report
    assert "step_3.pt, first: a chain ran away; try a larger gamma" in report
    for path in (run / "run").iterdir():
        path.write_bytes(b"junk")
    assert tracked(run) == 2
    problem = capsys.readouterr().err.splitlines()[-1]
    assert "has no checkpoint that can be measured: step_3.pt: is not a torch file" in problem
    assert problem.endswith("; try torch.save(model.state_dict(), 'step_1000.pt')")


@pytest.mark.parametrize(("task", "problem"), [
    ("", "defines no model(); try def model():"),
    ("def model(): pass", "defines no data(); try def data():"),
    ("def model(): pass\ndef data(): pass", "defines neither loss and evaluate"),
    (TASK + "evaluate = loss", "defines both loss and evaluate"),
    (TASK + "loss = 3", "loss is no function"),
    (TASK + "def model(): return 3", "model(): returns a int; try a torch.nn.Module"),
    (TASK + "def data(): return 3", "data: is not inputs and targets with one row for each sample"),
    (TASK + "def data(): return [][1]", "task.py:10: data() raises: IndexError: list index out of range"),
    (TASK + "def masks(): return {'all': {}}", "masks(): is no dictionary of masks by names other than all"),
    (TASK + "def masks(): return {'b': {'bias': 1}}", "mask['bias']: is no tensor of bools"),
    (TASK + "def loss(a, b): return ((a - b) ** 2).sum()", "loss is not a mean over the samples"),
    (TASK + "def loss(a, b): return 1", "loss returns a int"),
    (TASK + "def data(): return torch.zeros(4, 2, device='meta'), torch.zeros(4, 1)", "data: is on the device meta"),
    ("model = ", "task.py:1: it does not run: SyntaxError"),
])
def test_a_task_that_cannot_be_measured_is_one_line(run, task, problem, capsys):
    (run / "task.py").write_text(task)
    assert tracked(run) == 2
    assert problem in capsys.readouterr().err.splitlines()[-1].replace("loss: is", "loss is")


def test_a_program_that_moves_to_another_folder_moves_nothing_of_ours(run, capsys, monkeypatch):
    def nothing(*_):
        raise EstimateError("not sampled", "nothing", {})

    monkeypatch.setattr("numerics.modules.track.estimate_excess", nothing)
    monkeypatch.chdir(run)
    (run / "task.py").write_text("import os, sys\nos.chdir('/')\nsys.stderr = None\n" + TASK)
    assert main(["track", "run", "--task", "task.py", *OPTIONS, "--out", "out"]) == 1
    assert capsys.readouterr().err == ""
    assert (run / "out" / "trajectory.csv").read_text().count("not sampled") == 3


def test_folders_without_checkpoints(run, capsys):
    assert main(["track", str(run / "none"), "--task", str(run / "task.py"), "--out", str(run / "out")]) == 2
    assert "is no folder" in capsys.readouterr().err
    with pytest.raises(InvalidInput, match=r"has no checkpoints \*\.pt, .*; try torch\.save"):
        checkpoints_in(run)


def test_the_order_is_that_of_steps_and_of_names_without_them(tmp_path):
    for name in ("step_10.pt", "step_9.ckpt", "run2_step_100.bin", "notes_1.txt"):
        (tmp_path / name).touch()
    assert [one.step for one in checkpoints_in(tmp_path)] == [9, 10, 100]
    (tmp_path / "last.pt").touch()
    assert checkpoints_in(tmp_path)[0].path.name == "last.pt"


def test_names_of_checkpoints_are_one_line_of_text(tmp_path):
    for name in (b"a\n_1.pt", b"\xff_2.pt", b"z" * 240 + b"_3.pt"):
        (tmp_path / os.fsdecode(name)).touch()
    assert [one.name for one in checkpoints_in(tmp_path)] == ["a\\n_1.pt", "\\udcff_2.pt", "z" * 197 + "..."]


@pytest.mark.parametrize("wrapped", [
    lambda state: state, lambda state: {"model_state_dict": state, "optimizer": {"lr": 1}, "epoch": 3},
    lambda state: {"state_dict": {f"model.{key}": x for key, x in state.items()}},
    lambda state: {f"module.model.{key}": x for key, x in state.items()}],
    ids=["plain", "among other things", "lightning", "wrapped twice"])
def test_weights_are_found_where_trainers_keep_them(tmp_path, wrapped):
    trained, read = model(), model()
    torch.save(wrapped(trained.state_dict()), tmp_path / "a.pt")
    load_into(read, (tmp_path / "a.pt").read_bytes(), "a.pt")
    assert torch.equal(read.weight, trained.weight)
    with pytest.raises(InvalidInput, match=r"does not fit the model: weight is \(1, 2\), not \(1, 3\)"):
        load_into(torch.nn.Linear(3, 1), (tmp_path / "a.pt").read_bytes(), "a.pt")


def safetensors(tensors: dict[str, torch.Tensor]) -> bytes:
    """By the format's description: tensors of float32 one after another."""
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, x in tensors.items():
        raw = x.contiguous().numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(x.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    words = json.dumps(header).encode()
    return len(words).to_bytes(8, "little") + words + data


class Tied(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.last = torch.nn.Linear(2, 2, bias=False), torch.nn.Linear(2, 2)
        self.last.weight = self.first.weight


def test_the_folders_of_hugging_faces_trainer(tmp_path):
    """One for each checkpoint, of safetensors, where tied weights have one name; what lies beside is no checkpoint."""
    trained = Tied()
    content = safetensors({key: x for key, x in trained.state_dict().items() if key != "last.weight"})
    for step in (500, 1000):
        (tmp_path / f"checkpoint-{step}").mkdir()
        (tmp_path / f"checkpoint-{step}" / "model.safetensors").write_bytes(content)
        (tmp_path / f"checkpoint-{step}" / "optimizer.pt").touch()
    (tmp_path / "training_args.bin").touch()
    found = checkpoints_in(tmp_path)
    assert [(one.step, one.name) for one in found] == [(500, "checkpoint-500"), (1000, "checkpoint-1000")]
    read = Tied()
    load_into(read, content_of(found[0]), str(found[0].path))
    assert torch.equal(read.last.weight, trained.first.weight)
    assert torch.equal(read.last.bias, trained.last.bias)
    for damaged in (content[:-1], content[:20], b"", b"{}", content.replace(b"F32", b"F99"),
                    content.replace(b"[2, 2]", b"[2, 3]"), content.replace(b"[2, 2]", b"[2,-2]"),
                    b"\x02" + 7 * b"\0" + b"[]"):
        with pytest.raises(InvalidInput, match="is not a safetensors file of tensors, or is damaged"):
            load_into(Tied(), damaged, "model.safetensors")
    with pytest.raises(InvalidInput, match=r"it lacks bias, weight"):
        load_into(model(), safetensors({"no": torch.zeros(1)}), "model.safetensors")


def test_a_task_finds_its_neighbours_and_its_digest_knows_its_data(run):
    (run / "neighbour.py").write_text("import torch\nx = torch.ones(9, 2)\n")
    (run / "task.py").write_text(TASK + "import neighbour\ndef data(): return neighbour.x, neighbour.x[:, :1]\n")
    with task_of(run / "task.py") as task:
        assert task.samples.count == 9
        before = task.digest
    (run / "task.py").write_text(TASK)
    with task_of(run / "task.py") as task:
        assert task.digest != before


ESTIMATORS = """
def estimators():
    return {"literal": {"sampler": "sgld", "step_size": 1e-3, "gamma": 5.0, "burn_in": 50, "draws": 100}}
"""


def test_several_estimators_on_every_checkpoint(run, capsys):
    """A chain that has not arrived has a value and says so; the published ones need 128 samples, and these are 40."""
    (run / "task.py").write_text(TASK + ESTIMATORS)
    (run / "run" / "step_3.pt").unlink()
    assert tracked(run) == 0
    printed = capsys.readouterr().out
    assert "literal" in printed
    assert "converged" in printed
    report = (run / "out" / "report.md").read_text()
    assert "step_20.pt, all, literal: the chain has not arrived (R-hat" in report
    assert "arXiv:2603.01192" not in report
    lines = list(csv.DictReader((run / "out" / "trajectory.csv").read_text().splitlines()))
    assert [(line["step"], line["estimator"]) for line in lines] == [
        (step, name) for step in ("20", "100") for name in ("converged", "literal")]
    command = ["track", str(run / "run"), "--task", str(run / "task.py"), "--out", str(run / "out"), "--estimator"]
    assert main([*command, "nobody"]) == 2
    assert "estimator=nobody: is not known; try converged or published-5 or published-100 or literal" in (
        capsys.readouterr().err)
    assert main([*command, "published-100"]) == 2
    assert "batch=128 is more than the 40 samples" in capsys.readouterr().err


@pytest.mark.parametrize(("estimators", "problem"), [
    ("[]", "is no dictionary of settings by names other than converged, published-5, published-100"),
    ("{'converged': {}}", "is no dictionary of settings"),
    ("{'a': {'lr': 0.1}}", "lr=0.1: is no word of llc; try step_size"),
])
def test_estimators_that_are_none_are_one_line(run, estimators, problem, capsys):
    (run / "task.py").write_text(TASK + f"\ndef estimators(): return {estimators}\n")
    assert tracked(run) == 2
    assert problem in capsys.readouterr().err.splitlines()[-1]
