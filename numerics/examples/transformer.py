"""``python -m numerics.examples.transformer``: the monitor on a small transformer, on the same task."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from numerics import LLCMonitor
from numerics.examples.modular_addition import split, train

P, WIDTH, HEADS, FRACTION = 13, 32, 4, 0.7


class Transformer(torch.nn.Module):
    """One block that reads ``a b =`` and says the sum at the last place."""

    def __init__(self) -> None:
        """Weights as PyTorch starts them."""
        super().__init__()
        self.tokens = torch.nn.Embedding(P + 1, WIDTH)
        self.places = torch.nn.Parameter(0.02 * torch.randn(3, WIDTH))
        self.block = torch.nn.TransformerEncoderLayer(WIDTH, HEADS, 2 * WIDTH, dropout=0.0, batch_first=True)
        self.read = torch.nn.Linear(WIDTH, P)

    def forward(self, pairs: Tensor) -> Tensor:
        """(n, 2) pairs -> (n, P) logits."""
        equals = torch.full_like(pairs[:, :1], P)
        outputs: Tensor = self.read(self.block(self.tokens(torch.cat([pairs, equals], 1)) + self.places)[:, -1])
        return outputs


def main(steps: int = 3000) -> None:
    """Train and print. Two held-out pairs in three are right once ``a + b = b + a`` is learned."""
    torch.manual_seed(0)
    training, held_out = split(P, FRACTION, seed=0)
    model = Transformer()
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.3)
    monitor = LLCMonitor(cross_entropy, (training.inputs, training.targets), every=500)
    train(model, cross_entropy, optimiser, training, held_out, monitor, steps)


if __name__ == "__main__":
    main()
