"""Speed of `slt grok` beside a plain PyTorch loop: ``python -m tests.benchmarks.bench_grok [--train] [--keep]``.

The plain loop is an `nn.Module` on dense two-hot inputs, with autograd and `torch.optim.Adam`; inputs and targets are
indexed once an epoch, and it never evaluates, where ours does each tenth epoch. Both train in float32 on one thread,
in turn, from the same start on the same batches, and are timed in seconds of that core. ``--train`` also trains to the
end, the smaller network with one seed and with eight and the published one, and tracks the single ones.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch.nn.functional import one_hot

from numerics.grokking.epoch import TrainingState, evaluate, train_epoch
from numerics.grokking.run import run
from numerics.grokking.settings import RunSettings, data_of, first_weights, orders
from numerics.grokking.track import track
from numerics.losses.two_hot import split
from tests.benchmarks.kept import Table, keep, show, spread
from tests.oracles.plain_two_hot import Plain, plain_epoch, two_hot

SMALL = {"p": 23, "width": 200, "fraction": 0.5}
PUBLISHED = {"p": 53, "width": 1024}
RUNS = (RunSettings(**SMALL), RunSettings(**SMALL, seeds=8), RunSettings(**PUBLISHED))
CASES = tuple(zip(RUNS, (40, 20, 5), strict=True))  # with epochs a round
ROUNDS = 7


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--train", action="store_true", help="also train to the end")
    parser.add_argument("--keep", action="store_true", help="write what the documentation shows")
    options = parser.parse_args()
    torch.set_num_threads(1)
    found = show(_tables(options.train))
    if options.keep:
        keep("grok", found)


def _tables(train: bool) -> Iterator[Table]:
    yield Table("Milliseconds of one core for an epoch of one network, in float32", (
        "network", "side by side", "plain PyTorch", "here", "ratio", "range of the ratio"),
        [_compare(settings, epochs) for settings, epochs in CASES])
    if train:
        yield Table("Trained until the validation accuracy was held, and tracked", (
            "network", "side by side", "seconds", "seconds of all cores", "seconds of tracking", "of all cores"),
            [_trained(settings) for settings in RUNS])


def _trained(settings: RunSettings) -> tuple[str, ...]:
    with tempfile.TemporaryDirectory() as folder:
        start, used = time.perf_counter(), time.process_time()
        run(settings, Path(folder))
        times = [time.perf_counter() - start, time.process_time() - used]
        if settings.seeds == 1:
            start, used = time.perf_counter(), time.process_time()
            track(Path(folder), progress=False)
            times += [time.perf_counter() - start, time.process_time() - used]
    return (_network(settings), str(settings.seeds), *(f"{x:.1f}" for x in times), *[""] * (4 - len(times)))


def _network(settings: RunSettings) -> str:
    return f"p = {settings.p}, K = {settings.width}, {settings.training_size} pairs"


def _compare(settings: RunSettings, epochs: int) -> tuple[str, ...]:
    data, weights = data_of(settings), first_weights(settings)
    state = TrainingState.start(weights.clone())
    model = Plain(*(x[0] for x in split(weights)))
    optimiser = torch.optim.Adam(model.parameters(), lr=settings.lr, weight_decay=settings.weight_decay)
    inputs = two_hot(data.pairs, settings.p).to(weights)
    targets = one_hot(data.labels, settings.p).to(weights)

    def plain(epoch: int) -> None:
        chosen = data.training.gather(1, orders(settings, epoch))[0]
        plain_epoch(model, optimiser, inputs[chosen], targets[chosen], settings.batch)

    def ours(epoch: int) -> None:
        with torch.inference_mode():
            chosen = data.training.gather(1, orders(settings, epoch))
            train_epoch(state, data.pairs[chosen], data.labels[chosen], settings.batch, settings.optimiser)
            if epoch % 10 == 0:
                evaluate(state.weights, data.labels, data.trained)

    rounds = [[_seconds(train, epochs, number) for train in (plain, ours)] for number in range(ROUNDS + 1)][1:]
    plain_ms, ours_ms = (1000 * statistics.median(times) for times in zip(*rounds, strict=True))
    ratios = [settings.seeds * slow / fast for slow, fast in rounds]
    return (_network(settings), str(settings.seeds), f"{plain_ms:.2f}", f"{ours_ms / settings.seeds:.2f}",
            *spread(ratios, ".1f"))


def _seconds(train, epochs: int, number: int) -> float:
    """Of one core, for an epoch."""
    start = time.process_time()
    for epoch in range(number * epochs, (number + 1) * epochs):
        train(epoch)
    return (time.process_time() - start) / epochs


if __name__ == "__main__":
    main()
