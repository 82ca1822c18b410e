"""The task of the checkpoints beside this file: the product of two of three inputs, by four tanh units."""

import torch


def model() -> torch.nn.Module:
    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))


def data() -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.randn(200, 3, generator=torch.Generator().manual_seed(0))
    return x, x[:, :2].prod(1, keepdim=True)


def loss(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.mse_loss(outputs, targets)
