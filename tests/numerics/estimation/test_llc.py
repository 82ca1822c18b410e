"""`llc` on modules of a user, and the command `slt llc`."""

import json
from dataclasses import replace
from fractions import Fraction
from importlib import import_module
from itertools import pairwise

import pytest
import torch
from torch.nn.functional import mse_loss

from numerics.estimation import estimate
from numerics.estimation.llc import llc
from numerics.networks.catalogue import NETWORKS
from numerics.sampling.summary import EstimateError
from slt_symbolic.commands.main import main
from slt_symbolic.errors import InvalidInput

CONTRACT = {"estimate", "mcse", "ess", "rhat", "exact", "agrees", "budget", "settings"}
QUICK = {"chains": 16, "draws": 400, "seed": 1}


@pytest.fixture(autouse=True)
def _short_burn_in(monkeypatch):
    monkeypatch.setattr(estimate, "BURN_IN", 200)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def linear_network(*widths: int) -> torch.nn.Sequential:
    layers = [torch.nn.Linear(a, b, bias=False) for a, b in pairwise(widths)]
    model = torch.nn.Sequential(*layers).double()
    for index, layer in enumerate(layers):
        layer.weight.data = normal(*layer.weight.shape, seed=index + 10)
    return model


def taught(model: torch.nn.Module) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs, and the model's own outputs as targets."""
    x = normal(20, 3)
    return x, model(x).detach()


class Product(torch.nn.Module):
    """``w0 w1 x``, at zero: ``lambda = 1/2, m = 2``."""

    def __init__(self):
        super().__init__()
        self.w = torch.nn.Parameter(torch.zeros(2))

    def forward(self, x):
        return x * self.w[0] * self.w[1]


def agrees(found, exact: float) -> bool:
    return abs(found.mean - exact) < 3 * found.uncertainty < 0.3


@pytest.mark.parametrize(("widths", "exact"), [((3, 2), 3.0), ((3, 2, 2), 3.0), ((3, 1, 3), 2.5)])
def test_linear_networks_are_half_the_dimension_of_their_matrices(widths, exact):
    """Matrices 3 × 2 of full rank have dimension 6; those 3 × 3 of rank 1 dimension 5."""
    model = linear_network(*widths)
    found = llc(model, mse_loss, taught(model), **QUICK)
    assert found.regular
    assert agrees(found, exact)
    assert not agrees(found, exact + 0.5)
    assert not agrees(found, sum(x.numel() for x in model.parameters()) / 2) or widths == (3, 2)


@pytest.mark.slow
def test_a_crossing_has_its_value_and_multiplicity():
    x = torch.linspace(-1, 1, 10)[:, None]
    found = llc(Product(), mse_loss, (x, 0 * x), multiplicity=2, chains=32, draws=500, seed=1)
    assert agrees(found, 0.5)
    assert not agrees(found, 0.4)
    assert not found.regular


@pytest.mark.slow
def test_float32_modules_and_all_kinds_of_data_give_the_same():
    model = linear_network(3, 2).float()
    x = normal(20, 3).float()
    data = torch.utils.data.TensorDataset(x, model(x).detach())
    found = [llc(model, mse_loss, kind, chains=8, draws=400, seed=1)
             for kind in (data.tensors, data, torch.utils.data.DataLoader(data, batch_size=7))]
    assert found[0] == found[1] == found[2]
    assert agrees(found[0], 3.0)
    assert model[0].weight.dtype == torch.float32


def test_frozen_parameters_are_not_counted():
    model = linear_network(3, 2, 2)
    model[0].requires_grad_(False)
    assert agrees(llc(model, mse_loss, taught(model), **QUICK), 2.0)  # the second matrix, 2 × 2


def test_polishing_finds_the_minimum_and_without_it_the_budget_corrects():
    model = linear_network(3, 2, 2)
    data = taught(model)
    for layer in model:
        layer.weight.data += 1e-4
    polished = llc(model, mse_loss, data, **QUICK)
    assert agrees(polished, 3.0)
    kept = llc(model, mse_loss, data, polish=False, nbeta=5e5, **QUICK)
    assert agrees(kept, 3.0)
    reference = {row.cause: row for row in kept.budget}["reference point"]
    assert reference.corrected
    assert reference.size < -0.05
    assert -reference.size > 5 * kept.mcse  # it is seen


@pytest.mark.parametrize("off", [0.3, 0.03])
def test_far_from_a_minimum_without_polishing_is_an_error(off):
    model = linear_network(3, 2, 2)
    data = taught(model)
    model[0].weight.data += off
    with pytest.raises(EstimateError, match="no local minimum"):
        llc(model, mse_loss, data, polish=False, **QUICK)


def frozen_network():
    return linear_network(3, 2).requires_grad_(False)


@pytest.mark.parametrize(("model", "loss", "data", "words"), [
    (linear_network(3, 2), lambda a, b: (a - b).square().sum(), (normal(9, 3), normal(9, 2)),
     "loss: is not a mean over the samples; try reduction='mean'"),
    (linear_network(3, 2), torch.nn.MSELoss(reduction="none"), (normal(9, 3), normal(9, 2)),
     "loss: returns a tensor of shape (9, 2)"),
    (linear_network(3, 2), mse_loss, (normal(9, 3), normal(9, 2) * float("nan")), "loss: is nan"),
    (linear_network(100, 31), mse_loss, (normal(9, 100), normal(9, 31)), "3100 parameters: the Hessian is dense"),
    (frozen_network(), mse_loss, (normal(9, 3), normal(9, 2)), "model: has no parameter with requires_grad"),
    (linear_network(3, 2), mse_loss, (normal(9, 3), normal(8, 2)), "data: is not inputs and targets"),
    (linear_network(3, 2), mse_loss, normal(9, 3), "data: is not inputs and targets"),
    (linear_network(3, 2), mse_loss, "no data", "data: is not inputs and targets"),
    (linear_network(3, 2), mse_loss, (normal(0, 3), normal(0, 2)), "data: has no samples"),
    (linear_network(4, 2), mse_loss, (normal(9, 3), normal(9, 2)), "model, loss, data: do not work together"),
])
def test_what_cannot_be_sampled_is_one_line(model, loss, data, words):
    with pytest.raises(InvalidInput) as error:
        llc(model, loss, data)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def run(capsys, *arguments):
    code = main(["llc", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


LAZY = ("quadratic-lazy", "p=2", "K=4", "l=5")


def test_json_has_the_keys_of_the_contract(capsys):
    code, out, _ = run(capsys, *LAZY, "--json", "--chains", "16", "--draws", "200", "--seed", "3", "--nbeta", "1e6")
    found = json.loads(out)
    assert code == 0
    assert found.keys() >= CONTRACT
    assert (found["exact"], found["agrees"]) == ("4", True)
    assert abs(found["estimate"] - 4) < 0.05
    assert found["negative_control"] == {"value": "9/2", "rejected": True}
    assert (found["settings"]["chains"], found["settings"]["seed"], found["settings"]["nbeta"]) == (16, 3, 1e6)


def test_text_has_estimate_exact_value_and_budget(capsys):
    code, out, _ = run(capsys, *LAZY, "--chains", "16", "--draws", "200")
    assert code == 0
    assert "quadratic-lazy p=2 K=4 l=5, exact point" in out
    assert "agrees; 9/2 is rejected on the same chains" in out
    for cause in ("finite nbeta", "multiplicity", "localisation", "step size", "minibatch noise", "reference point"):
        assert cause in out


def test_a_trained_point(capsys):
    code, out, _ = run(capsys, *LAZY, "--point", "trained", "--json", "--chains", "16", "--draws", "200")
    found = json.loads(out)
    assert (code, found["point"], found["exact"], found["agrees"]) == (0, "trained", "4", True)
    history = found["training"][-1]["history"]
    assert history[0][1] > 100 * history[-1][1]


def test_an_exact_value_that_is_contradicted_exits_1(capsys, monkeypatch):
    module = import_module("numerics.estimation.llc")
    exact_point = module.exact_point

    def doctored(name, **sizes):
        point = exact_point(name, **sizes)
        return replace(point, threshold=replace(point.threshold, lower=Fraction(5), upper=Fraction(5)))

    monkeypatch.setattr(module, "exact_point", doctored)
    code, out, _ = run(capsys, *LAZY, "--chains", "16", "--draws", "200")
    assert code == 1
    assert "DISAGREES" in out


def test_no_estimate_exits_1_with_error_and_partial(capsys):
    arguments = (*LAZY, "--step-size", "40", "--chains", "8", "--draws", "100")
    code, out, _ = run(capsys, *arguments, "--json")
    found = json.loads(out)
    assert code == 1
    assert "use a smaller step_size" in found["error"]
    assert found["partial"]["acceptance"] < 0.1
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (1, "")
    assert "no estimate: " in err


@pytest.mark.parametrize(("arguments", "words"), [
    (["quadratic-ntk", "r=4"], f"quadratic-ntk: has no network to sample; try one of {', '.join(NETWORKS)}"),
    (["nothing"], "nothing: is not in the catalogue"),
    ([*LAZY, "--nbeta", "-1"], "nbeta=-1.0: must be a positive number"),
    ([*LAZY, "--chains", "1"], "chains=1: must be an integer >= 4"),
    ([*LAZY, "--draws", "x"], "invalid int value"),
    ([*LAZY, "--point", "somewhere"], "invalid choice"),
    (["quadratic-lazy", "p=2", "K=0", "l=5"], "K=0: must be an integer >= 1"),
])
def test_bad_input_exits_2(capsys, arguments, words):
    try:
        code, out, err = run(capsys, *arguments)
    except SystemExit as stop:  # argparse
        code, (out, err) = stop.code, capsys.readouterr()
    assert (code, out) == (2, "")
    assert words in err
    assert "Traceback" not in err
