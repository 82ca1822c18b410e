"""Other networks for modular addition, as small as they grok, and many of one kind trained side by side."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.func import functional_call, grad_and_value, stack_module_state, vmap
from torch.nn.functional import cross_entropy

HEADS, MLP = 2, 4  # of the transformer: heads, and how much wider its hidden layer is


class Relu(torch.nn.Module):
    """``f(a, b) = sum_j V_j relu(u_j(a) + v_j(b))``."""

    def __init__(self, p: int, width: int) -> None:
        """Gaussian weights of variance one over the fan-in."""
        super().__init__()
        self.p = p
        self.inner = _weights(2 * p, width)
        self.outer = _weights(width, p)

    def features(self, pairs: Tensor) -> Tensor:
        """(n, 2) -> (n, K): the hidden layer."""
        return torch.relu(self.inner[pairs[:, 0]] + self.inner[self.p + pairs[:, 1]])

    def forward(self, pairs: Tensor) -> Tensor:
        """(n, 2) -> (n, p): logits."""
        logits: Tensor = self.features(pairs) @ self.outer
        return logits

    def tables(self) -> tuple[Tensor, ...]:
        """(p, K) each: weights by residue, whose Fourier transforms say how structured they are."""
        return (*self.inner.split(self.p), self.outer.T)

    def outgoing(self) -> Tensor:
        """(K,): the norm of each unit's outer weights."""
        norms: Tensor = self.outer.norm(dim=1)
        return norms

    def layers(self) -> tuple[Tensor, Tensor]:
        """The weights before and after the hidden layer."""
        return self.inner, self.outer


class Transformer(torch.nn.Module):
    """One layer, no normalisation, that reads ``a b =`` and says the sum at the last place (Nanda et al. 2023)."""

    def __init__(self, p: int, width: int) -> None:
        """Gaussian weights of variance one over the fan-in."""
        super().__init__()
        self.p = p
        self.tokens, self.places = _weights(p + 1, width, width), _weights(3, width, width)
        self.ask, self.key, self.value, self.mix = (_weights(width, width) for _ in range(4))
        self.up, self.down, self.read = _weights(width, MLP * width), _weights(MLP * width, width), _weights(width, p)

    def _attended(self, pairs: Tensor) -> Tensor:
        """(n, d): the residual stream at the last place after attention."""
        stream = self.tokens[torch.cat([pairs, torch.full_like(pairs[:, :1], self.p)], 1)] + self.places
        n, _, d = stream.shape
        ask = (stream[:, -1:] @ self.ask).view(n, 1, HEADS, -1).transpose(1, 2)
        key, value = ((stream @ x).view(n, 3, HEADS, -1).transpose(1, 2) for x in (self.key, self.value))
        weights = torch.softmax(ask @ key.mT * (d // HEADS) ** -0.5, -1)
        return stream[:, -1] + (weights @ value).transpose(1, 2).reshape(n, d) @ self.mix

    def features(self, pairs: Tensor) -> Tensor:
        """(n, 2) -> (n, 4d): the hidden layer."""
        return torch.relu(self._attended(pairs) @ self.up)

    def forward(self, pairs: Tensor) -> Tensor:
        """(n, 2) -> (n, p): logits."""
        stream = self._attended(pairs)
        logits: Tensor = (stream + torch.relu(stream @ self.up) @ self.down) @ self.read
        return logits

    def tables(self) -> tuple[Tensor, ...]:
        """(p, d) each: weights by residue."""
        return self.tokens[: self.p], self.read.T

    def outgoing(self) -> Tensor:
        """(4d,): the norm of what each hidden unit writes."""
        norms: Tensor = self.down.norm(dim=1)
        return norms

    def layers(self) -> tuple[Tensor, Tensor]:
        """The embedding and the read-out."""
        return self.tokens, self.read


Network = Relu | Transformer
NETWORKS: Mapping[str, type[Relu] | type[Transformer]] = {"relu": Relu, "transformer": Transformer}


def _weights(rows: int, columns: int, fan_in: int | None = None) -> torch.nn.Parameter:
    return torch.nn.Parameter(torch.randn(rows, columns) / (fan_in or rows) ** 0.5)


def with_weights(network: Network, point: Tensor) -> Network:
    """The network itself, its parameters now ``point`` (P,)."""
    torch.nn.utils.vector_to_parameters(point, network.parameters())
    return network


class SideBySide:
    """S networks of one kind under AdamW on all of their training pairs at once: pairs (S, n, 2), labels (S, n)."""

    def __init__(self, networks: list[Network], pairs: Tensor, labels: Tensor, lr: float, weight_decay: float) -> None:
        """Their parameters are copied."""
        self._network, self._pairs, self._labels = networks[0], pairs, labels
        self._state = {name: x.detach().clone() for name, x in stack_module_state(networks)[0].items()}
        self._optimiser = torch.optim.AdamW(self._state.values(), lr, (0.9, 0.98), weight_decay=weight_decay)
        self._slope = vmap(grad_and_value(self._loss))

    def _loss(self, state: dict[str, Tensor], pairs: Tensor, labels: Tensor) -> Tensor:
        return cross_entropy(functional_call(self._network, state, (pairs,)), labels)

    def step(self) -> None:
        """One of the optimiser."""
        slopes, _ = self._slope(self._state, self._pairs, self._labels)
        for name, x in self._state.items():
            x.grad = slopes[name]
        self._optimiser.step()

    def outputs(self, pairs: Tensor) -> Tensor:
        """(n, 2) -> (S, n, p)."""
        outputs: Tensor = vmap(lambda state: functional_call(self._network, state, (pairs,)))(self._state)
        return outputs

    @property
    def weights(self) -> Tensor:
        """(S, P)."""
        return torch.cat([x.flatten(1) for x in self._state.values()], 1)

    def scale(self, factors: Tensor) -> None:
        """Multiply all weights of each network, (S,)."""
        for x in self._state.values():
            x.mul_(factors.view(-1, *[1] * (x.dim() - 1)))
