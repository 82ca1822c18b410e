"""Speed of a published LLC beside devinterp's own loop: ``python -m tests.benchmarks.bench_published [--keep]``.

One chain of 600 steps around an untrained network of the published size, at both published settings, in float32 on one
thread; in turn, several times, in seconds of that core, without imports and with the data ready. devinterp 1.3.2 as its
documentation calls it, with a ``DataLoader``, and with one that indexes the tensors once a batch. The values are those
of the first round: the same number, with other random numbers.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from torch import Tensor
from torch.nn.functional import one_hot
from torch.utils.data import DataLoader, TensorDataset

from numerics.grokking.settings import RunSettings, data_of, first_weights
from numerics.losses.two_hot import TwoHotLoss, split
from numerics.sampling.published import PUBLISHED, Sgld, literal_chains
from tests.benchmarks.kept import Table, keep, show, spread
from tests.benchmarks.peer import SGLD, LLCEstimator, require_peer, sample, whole_batches
from tests.oracles.plain_two_hot import Plain, plain_loss, two_hot

RUN = RunSettings(p=53, width=1024)
ROUNDS = 3
Chain = Callable[[], float]  # its value


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", action="store_true", help="write what the documentation shows")
    options = parser.parse_args()
    require_peer(parser)
    found = show([Table("One published chain at p = 53, K = 1024, seconds of one core", (
        "settings", "by", "value", "seconds", "range", "times ours", "range of the ratio"), list(_rows()))])
    if options.keep:
        keep("published", found)


def _rows() -> Iterator[tuple[str, ...]]:
    data = data_of(RUN)
    pairs, labels = data.pairs[data.training[0]], data.labels[data.training[0]]
    inputs, targets = two_hot(pairs, RUN.p).float(), one_hot(labels, RUN.p).float()
    loss = TwoHotLoss(pairs, targets.T.contiguous(), RUN.width, centred=True)
    point = first_weights(RUN)[0]
    for name, published in PUBLISHED.items():
        chain = replace(published, chains=1)
        here = float(loss.value(point.flatten()[None]))
        cases: dict[str, Chain] = {"slt-symbolic": lambda chain=chain: float(
            literal_chains(loss, point.flatten(), chain).values[0])}
        for words, loader in (("devinterp, DataLoader", DataLoader(
                TensorDataset(inputs, targets), chain.batch, shuffle=True)),
                              ("devinterp, whole batches", whole_batches(
                inputs, targets, size=chain.batch))):
            cases[words] = _devinterp(point, loader, chain, here)
        yield from _compared(name, cases)


def _compared(name: str, cases: dict[str, Chain]) -> Iterator[tuple[str, ...]]:
    rounds = [{words: _timed(chain) for words, chain in cases.items()} for _ in range(ROUNDS)]
    ours = next(iter(cases))
    for words in cases:
        seconds = [each[words][1] for each in rounds]
        ratios = [each[words][1] / each[ours][1] for each in rounds]
        yield (name, words, f"{rounds[0][words][0]:.4g}", *spread(seconds), *spread(ratios))


def _timed(chain: Chain) -> tuple[float, float]:
    start = time.process_time()
    value = chain()
    return value, time.process_time() - start


def _devinterp(point: Tensor, loader: DataLoader[tuple[Tensor, ...]], chain: Sgld, here: float) -> Chain:
    w, v = (x[0] for x in split(point[None]))

    def value() -> float:
        estimator = LLCEstimator(num_chains=1, num_draws=chain.draws, init_loss=here, nbeta=chain.nbeta)
        sample(model=Plain(w, v), loader=loader, callbacks=[estimator], evaluate=_loss, sampling_method=SGLD,
               optimizer_kwargs={"lr": chain.step, "nbeta": chain.nbeta, "localization": chain.gamma},
               num_draws=chain.draws, num_burnin_steps=chain.burn_in, num_chains=1, init_loss=here, seed=1,
               verbose=False)
        return float(estimator.get_results()["llc/mean"])

    return value


def _loss(model: Plain, batch: tuple[Tensor, Tensor]) -> Tensor:
    return plain_loss(model, *batch)


if __name__ == "__main__":
    main()
