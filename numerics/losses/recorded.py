"""The loss and the gradient of many chains on one batch, recorded as a graph of tensor operations and run from it.

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

Slopes = Callable[[Tensor], tuple[Tensor, Tensor]]


class Recorded:
    """``slopes`` (C, P) -> (C, P), (C,): gradient and loss of each chain, ``together`` of them at a time.

    A batch that it reads is part of what is recorded. What cannot be recorded, or does not give the same numbers to
    the last digit at other parameters, is called as it is.
    """

    def __init__(self, slopes: Slopes, together: int) -> None:
        """Nothing is recorded yet."""
        self._slopes, self._together = slopes, together
        self._calls: Counter[torch.Size] = Counter()
        self._graphs: dict[torch.Size, Slopes] = {}

    def __call__(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """Of all chains."""
        found = [self._part(part) for part in theta.split(self._together)]
        return torch.cat([slope for slope, _ in found]), torch.cat([value for _, value in found])

    def _part(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        graph = self._graphs.get(theta.shape)
        if graph is not None:
            with torch.no_grad():
                return graph(theta)
        self._calls[theta.shape] += 1
        if self._calls[theta.shape] == OFTEN:
            self._graphs[theta.shape] = self._record(theta)
        return self._plain(theta)

    def _plain(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        with torch.inference_mode(False):
            return self._slopes(theta.clone() if theta.is_inference() else theta)

    def _record(self, theta: Tensor) -> Slopes:
        try:
            with torch.inference_mode(False), torch.no_grad():
                graph: Slopes = make_fx(lambda x: self._slopes(x))(2 * theta.clone())
                same = all(map(torch.equal, graph(theta.clone()), self._plain(theta)))
        except Exception:  # whatever operations a user's module has that a graph cannot hold
            return self._plain
        return graph if same else self._plain
