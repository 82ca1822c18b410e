"""A module with attention, as small as it gets."""

import torch


class Attention(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.a = torch.nn.MultiheadAttention(2, 1, batch_first=True)

    def forward(self, x):
        return self.a(x, x, x, need_weights=False)[0][:, 0]
