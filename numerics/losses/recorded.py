"""What many chains make of one batch, losses or gradients, recorded as a graph of tensor operations and run from it.

`torch.func` takes a Python function and several layers of dispatch through every operation at every call; where
operations are small that is most of the time. The graph runs the same kernels in the same order without them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import torch
from torch import Tensor
from torch.fx.experimental.proxy_tensor import make_fx

OFTEN = 300  # calls with parameters of one shape before they are recorded, which takes as long as one or two hundred

Measure = Callable[[Tensor], tuple[Tensor, ...]]


class Recorded:
    """``measure`` (C, P) -> tensors with a row for each chain, ``together`` of them at a time.

    A batch that it reads is part of what is recorded. What cannot be recorded, or does not give the same numbers to
    the last digit at other parameters, is called as it is.
    """

    def __init__(self, measure: Measure, together: int) -> None:
        """Nothing is recorded yet."""
        self._measure, self._together = measure, together
        self._calls: Counter[torch.Size] = Counter()
        self._graphs: dict[torch.Size, Measure] = {}

    def __call__(self, theta: Tensor) -> tuple[Tensor, ...]:
        """Of all chains."""
        parts = [self._part(part) for part in theta.split(self._together)]
        return tuple(torch.cat(found) for found in zip(*parts, strict=True))

    def _part(self, theta: Tensor) -> tuple[Tensor, ...]:
        graph = self._graphs.get(theta.shape)
        if graph is not None:
            with torch.no_grad():
                return graph(theta)
        self._calls[theta.shape] += 1
        if self._calls[theta.shape] == OFTEN:
            self._graphs[theta.shape] = self._record(theta)
        return self._plain(theta)

    def _plain(self, theta: Tensor) -> tuple[Tensor, ...]:
        with torch.inference_mode(False):
            return self._measure(theta.clone() if theta.is_inference() else theta)

    def _record(self, theta: Tensor) -> Measure:
        try:
            with torch.inference_mode(False), torch.no_grad():
                graph: Measure = make_fx(lambda x: self._measure(x))(2 * theta.clone())
                same = all(map(torch.equal, graph(theta.clone()), self._plain(theta)))
        except Exception:  # whatever operations a user's module has that a graph cannot hold
            return self._plain
        return graph if same else self._plain
