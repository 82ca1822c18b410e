"""What users bring as data, and the same loss of all of it."""

import numpy as np
import pytest
import torch
from torch.nn.functional import mse_loss
from torch.utils.data import DataLoader, IterableDataset, TensorDataset

from numerics.losses import samples
from numerics.losses.module import Objective, OneChainLoss
from numerics.losses.samples import Samples, Stream, samples_of
from slt_symbolic.errors import InvalidInput

X, Y = (torch.randn(20, 3, generator=torch.Generator().manual_seed(seed)) for seed in (0, 1))
PAIRS = TensorDataset(X, Y)


class Sum(torch.nn.Module):
    """``w (a + b)``, of two inputs."""

    def __init__(self):
        super().__init__()
        self.w = torch.nn.Parameter(torch.tensor(0.5))

    def forward(self, a, b=0):
        return self.w * (a + b)


def loss_of(data, evaluate=None):
    objective = Objective(Sum(), None if evaluate else mse_loss, evaluate)
    problem = OneChainLoss(objective, samples_of(data, whole_batches=evaluate is not None))
    return float(problem.value(problem.start[None]))


@pytest.mark.parametrize("data", [(X, Y), [X.numpy(), Y.numpy()], PAIRS, DataLoader(PAIRS, batch_size=7),
                                  iter([(X[:9], Y[:9]), (X[9:], Y[9:])]),
                                  ({"a": X}, Y), ((X / 2, X / 2), Y), ({"a": X / 2, "b": X / 2}, Y)])
def test_all_kinds_of_data_give_the_same_loss(data):
    assert loss_of(data) == pytest.approx(float(mse_loss(X.double() / 2, Y.double())), rel=1e-6)


@pytest.mark.parametrize("data", [X, X.numpy(), TensorDataset(X), DataLoader(TensorDataset(X), batch_size=6)])
def test_one_tensor_is_its_own_target(data):
    assert loss_of(data) == pytest.approx(float((X.double() / 2).square().mean()), rel=1e-6)


@pytest.mark.parametrize("data", [{"x": X, "y": Y}, iter([{"x": X[:5], "y": Y[:5]}, {"x": X[5:], "y": Y[5:]}])],
                         ids=["dictionary", "batches"])
def test_a_function_of_the_user_reads_its_own_batches(data):
    def evaluate(model, batch):
        return mse_loss(model(batch["x"]), batch["y"])

    assert loss_of(data, evaluate) == pytest.approx(float(mse_loss(X.double() / 2, Y.double())), rel=1e-6)


def test_a_loader_that_does_not_fit_is_read_again_at_each_pass(monkeypatch):
    monkeypatch.setattr(samples, "LARGEST_KEPT", 100)
    loader = DataLoader(PAIRS, batch_size=7)
    stream = samples_of(loader)
    assert isinstance(stream, Stream)
    assert stream.count == 20
    assert loss_of(loader) == pytest.approx(float(mse_loss(X.double() / 2, Y.double())), rel=1e-6)
    problem = OneChainLoss(Objective(Sum(), mse_loss), stream)
    generator = torch.Generator().manual_seed(0)
    values = [float(problem.minibatch(problem.start[None], 7, generator)[0]) for _ in range(4)]
    first = float(mse_loss(X[:7].double() / 2, Y[:7].double()))
    assert values[0] == values[3] == pytest.approx(first, rel=1e-6)  # after three batches the first one again
    assert values[1] != values[0]


class OneByOne(IterableDataset):
    def __iter__(self):
        return iter(zip(X, Y, strict=True))


class Counted(OneByOne):
    def __len__(self):
        return len(X)


@pytest.mark.parametrize(("loader", "count"), [
    (DataLoader(PAIRS, batch_size=7, drop_last=True), 14), (DataLoader(PAIRS, batch_size=7, sampler=range(9)), 9),
    (DataLoader(OneByOne(), batch_size=7), 20)])
def test_what_does_not_fit_is_counted(loader, count, monkeypatch):
    """Not all that the data set has, nor only what has a length."""
    monkeypatch.setattr(samples, "LARGEST_KEPT", 100)
    stream = samples_of(loader)
    assert isinstance(stream, Stream)
    assert stream.count == count
    assert sum(share for share, _ in stream.chunks(7)) == pytest.approx(1)
    assert loss_of(loader) == pytest.approx(float(mse_loss(X[:count].double() / 2, Y[:count].double())), rel=1e-6)


def test_arrays_that_run_backwards_are_taken_and_sparse_tensors_named():
    assert loss_of((X.numpy()[::-1], Y.numpy()[::-1])) == pytest.approx(loss_of((X, Y)), rel=1e-6)
    for held in (X.to_sparse(), torch.nested.nested_tensor([X[0], X[1]], layout=torch.jagged)):
        with pytest.raises(InvalidInput, match="holds a sparse or nested tensor"):
            samples_of((held, Y))


def test_a_loader_of_samples_that_come_one_by_one():
    assert loss_of(DataLoader(OneByOne(), batch_size=7)) == pytest.approx(
        float(mse_loss(X.double() / 2, Y.double())), rel=1e-6)
    for data in (OneByOne(), Counted()):
        with pytest.raises(InvalidInput, match="samples come one by one; try a DataLoader of it"):
            samples_of(data)


def test_chunks_are_shares_of_all():
    chunks = list(Samples((X, Y), 20).chunks(8))
    assert [share for share, _ in chunks] == pytest.approx([0.4, 0.4, 0.2])
    assert torch.equal(torch.cat([inputs for _, (inputs, _) in chunks]), X)


@pytest.mark.parametrize("data", [None, "text", 3, (X,) * 3, (X, Y[:5]), {"x": X}, torch.tensor(1.0),
                                  np.array([object()]), (torch.ones(0, 1), torch.ones(0, 1)), []])
def test_what_is_no_data_is_one_line(data):
    with pytest.raises(InvalidInput) as error:
        samples_of(data)
    assert "\n" not in str(error.value)
