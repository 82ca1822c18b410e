"""devinterp 1.3.2, where it is installed (``sample`` is None elsewhere), and the fastest loader that it accepts."""

from __future__ import annotations

import argparse
import warnings
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

try:
    from devinterp.optim.sgld import SGLD as SGLD
    from devinterp.slt.llc import LLCEstimator as LLCEstimator
    from devinterp.slt.sampler import sample as sample
    from devinterp.utils import evaluate_mse as evaluate_mse
except ImportError:
    SGLD = LLCEstimator = sample = evaluate_mse = None


def require_peer(parser: argparse.ArgumentParser) -> None:
    """End the program where devinterp is not installed; one thread, and silence: it explains itself at each call."""
    if sample is None:
        parser.error("devinterp is not installed: pip install devinterp==1.3.2")
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")


class _WholeBatches(TensorDataset):
    """Index the tensors once a batch, where torch's own class collates sample by sample."""

    def __getitems__(self, rows: list[int]) -> tuple[Tensor, ...]:
        index = torch.as_tensor(rows)
        return tuple(tensor[index] for tensor in self.tensors)


def _as_it_is(batch: Any) -> Any:
    return batch


def whole_batches(*tensors: Tensor, size: int) -> DataLoader[tuple[Tensor, ...]]:
    """Shuffled batches of so many samples."""
    return DataLoader(_WholeBatches(*tensors), batch_size=size, shuffle=True, collate_fn=_as_it_is)
