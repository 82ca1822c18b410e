"""The loss of a quadratic network on its two-hot training pairs, with gradient, Hessian and its trace written by hand.

``L = |(Y - f) P⊥|^2 / 2n`` on all n pairs, for C parameter vectors at once. The general
`numerics.losses.polynomial.Twin` is the same function; it multiplies with dense inputs in float64 and has second
derivatives by autograd only.

Notation: p residues, K units, n pairs. ``theta`` (C, 3pK) has the rows of `rows_of`, u(0), ..., v(0),
..., V(0), ...; ``s = u(a) + v(b)`` (n, K), and ``r`` (p, n) are the errors, centred, over n. The gradient is ``r s^2``
for V and ``2 (r^T V) s`` for s, which is that of u(a) and of v(b).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

AT_ONCE = 2**18  # sums (C, some of n, K) in memory: they stay in the cache
DIRECTIONS_AT_ONCE = 2  # of a Hessian product, for the same reason

Product = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class TwoHotLoss:
    """The loss on ``pairs`` (n, 2); one-hot ``targets`` (p, n), in the precision of theta.

    If ``centred`` constants per output are not seen. A `numerics.losses.polynomial.Loss`.
    """

    pairs: Tensor
    targets: Tensor
    units: int
    centred: bool

    @property
    def parameters(self) -> int:
        """The number ``3 p K`` of parameters."""
        return 3 * len(self.targets) * self.units

    @property
    def samples(self) -> int:
        """The number n of pairs."""
        return len(self.pairs)

    @property
    def shapes(self) -> Sequence[tuple[int, ...]]:
        """The inner weights (2p, K), then the outer ones (p, K)."""
        p = len(self.targets)
        return [(2 * p, self.units), (p, self.units)]

    def value(self, theta: Tensor) -> Tensor:
        """(C, P) -> (C,)."""
        return _half_mean_square(self._errors(theta, self._rows(theta), self.targets))

    def value_and_gradient(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """(C, P) -> (C,), (C, P)."""
        return self._value_and_gradient(theta, self._rows(theta), self.targets)

    def minibatch(self, theta: Tensor, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """(C, P) -> (C,), (C, P): each chain draws ``size`` samples of its own, with replacement."""
        drawn = torch.randint(self.samples, (len(theta), size), generator=generator, device=theta.device)
        rows = rows_of(self.pairs[drawn], len(self.targets))
        return self._value_and_gradient(theta, rows, self.targets.T[drawn].mT)

    def hessian(self, theta: Tensor) -> Tensor:
        """(P,) -> (P, P)."""
        return self.hessian_product(theta)(torch.eye(len(theta), dtype=theta.dtype, device=theta.device))

    def linearised(self, theta: Tensor) -> tuple[Tensor, Product, Product]:
        """The residual (pn,) at ``theta`` (P,), and products with its Jacobian J.

        ``L = |residual|^2 / 2``; the products are ``z -> J z`` for (P,) and ``y -> J^T y`` for (pn,).
        """
        s, r, v = self._at(theta)
        square, scale, rows = s.square(), self.samples**-0.5, self._rows(theta[None])

        def forward(z: Tensor) -> Tensor:
            change, dv = torch.empty_like(r)[None], self._outputs(z[None])[0]
            for some in self._chunks(rows):
                ds = self._sums(z[None], rows[:, some])[0].mul_(s[some]).mul_(2)
                change[..., some] = (dv @ square[some].T).add_(v @ ds.T)
            return self._centred(change).flatten().mul_(scale)

        def back(y: Tensor) -> Tensor:
            cotangent, out = self._centred(y.view(1, *r.shape))[0] * scale, torch.zeros_like(theta)[None]
            for some in self._chunks(rows):
                to_s = (cotangent[:, some].T @ v).mul_(s[some]).mul_(2)
                self._add(out, rows[:, some], to_s[None], (cotangent[:, some] @ square[some])[None])
            return out[0]

        return r.flatten() / scale, forward, back

    def hessian_product(self, theta: Tensor) -> Product:
        """``z -> H z`` for directions (C, P), H the Hessian at ``theta`` (P,).

        A direction (ds, dV) changes the outputs by ``dV s^2 + V 2 s ds`` and r by ``dr``, which is that, centred, over
        n; the gradient for V by ``dr s^2 + r 2 s ds`` and that for s by ``2 (dr^T V + r^T dV) s + 2 (r^T V) ds``.
        """
        s, r, v = self._at(theta)
        square, back = s.square(), r.T @ v

        def some_products(z: Tensor) -> Tensor:
            rows, dv, out = self._rows(z), self._outputs(z), torch.zeros_like(z)
            dr = z.new_empty(len(z), *r.shape)
            for some in self._chunks(rows):
                ds = self._sums(z, rows[:, some]).mul_(s[some]).mul_(2)
                dr[..., some] = (dv.flatten(0, 1) @ square[some].T).view(len(z), len(r), -1).add_(v @ ds.mT)
            dr = self._centred(dr).div_(self.samples)
            for some in self._chunks(rows):
                ds, change = self._sums(z, rows[:, some]).mul_(2), dr[..., some]
                to_s = (change.mT @ v).add_(r[:, some].T @ dv).mul_(s[some]).mul_(2).add_(back[some] * ds)
                to_v = (change.flatten(0, 1) @ square[some]).view_as(dv).add_(r[:, some] @ ds.mul_(s[some]))
                self._add(out, rows[:, some], to_s, to_v)
            return out

        return lambda z: torch.cat([some_products(some) for some in z.split(DIRECTIONS_AT_ONCE)])

    def hessian_trace(self, theta: Tensor) -> float:
        """``tr H`` at ``theta`` (P,), exactly: ``sum |P⊥ df|^2 / n + sum r d^2 f`` over the parameters.

        That of V_j(c) is ``|P⊥ s_j^2|^2 / n``; that of u_j(a) is ``4 |V_j|^2 |P⊥ 1_a s_j|^2 / n``
        and, by the second derivative ``2 V_j`` of the outputs, ``2 V_j r 1_a``; so is that of v_j(b).
        """
        (s, r, v), p, n = self._at(theta), len(self.targets), self.samples
        square, rows = s.square(), self._rows(theta[None])
        lost = torch.zeros_like(theta).view(-1, self.units)  # the projections on constants
        for side in (0, 1):
            lost.index_add_(0, rows[0, :, side], s)
        sides = 2 * square.sum(0) - self.centred * lost.square().sum(0) / n
        by_v = p * (square - self.centred * square.mean(0)).square().sum() / n
        by_s = 4 * (v.square().sum(0) * sides).sum() / n + 4 * (r.sum(1) @ v).sum()
        return float(by_v + by_s)

    def _at(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """s (n, K), r (p, n) and V (p, K) at ``theta`` (P,)."""
        rows = self._rows(theta[None])
        r = self._errors(theta[None], rows, self.targets)[0] / self.samples
        return self._sums(theta[None], rows)[0], r, self._outputs(theta[None])[0]

    def _rows(self, theta: Tensor) -> Tensor:
        """(C, n, 2)."""
        return rows_of(self.pairs.expand(len(theta), -1, -1), len(self.targets))

    def _outputs(self, theta: Tensor) -> Tensor:
        """(C, p, K): the output weights."""
        p = len(self.targets)
        return theta.view(len(theta), 3 * p, self.units)[:, 2 * p:]

    def _centred(self, errors: Tensor) -> Tensor:
        return errors - errors.mean(2, keepdim=True) if self.centred else errors

    def _sums(self, theta: Tensor, rows: Tensor) -> Tensor:
        """(C, B, K): of each pair the sum of its two rows."""
        table = theta.reshape(-1, self.units)
        return embedding_bag(rows.reshape(-1, 2), table, mode="sum").view(len(theta), -1, self.units)

    def _chunks(self, rows: Tensor) -> Iterator[slice]:
        """Pairs at a time: their sums stay in the cache, and are cheaper to compute twice than to keep."""
        size = max(AT_ONCE // (len(rows) * self.units), 1)
        return (slice(first, first + size) for first in range(0, rows.shape[1], size))

    def _errors(self, theta: Tensor, rows: Tensor, targets: Tensor) -> Tensor:
        """(C, p, B)."""
        values, v = theta.new_empty(len(theta), len(self.targets), rows.shape[1]), self._outputs(theta)
        for some in self._chunks(rows):
            s = self._sums(theta, rows[:, some])
            values[..., some] = torch.bmm(v, s.mul_(s).mT)
        return self._centred(values.sub_(targets))

    def _value_and_gradient(self, theta: Tensor, rows: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        errors, out, v = self._errors(theta, rows, targets), torch.zeros_like(theta), self._outputs(theta)
        r = errors / rows.shape[1]
        for some in self._chunks(rows):
            s = self._sums(theta, rows[:, some])
            to_s = torch.bmm(r[..., some].mT, v).mul_(s).mul_(2)
            self._add(out, rows[:, some], to_s, torch.bmm(r[..., some], s.mul_(s)))
        return _half_mean_square(errors), out

    def _add(self, out: Tensor, rows: Tensor, to_s: Tensor, to_v: Tensor) -> None:
        """Add to gradients ``out`` (C, P) those for the sums (C, B, K) and for V (C, p, K)."""
        for side in (0, 1):
            out.view(-1, self.units).index_add_(0, rows[..., side].flatten(), to_s.flatten(0, 1))
        self._outputs(out).add_(to_v)


def _half_mean_square(errors: Tensor) -> Tensor:
    """(C, p, B) -> (C,)."""
    flat = errors.flatten(1)
    squares: Tensor = torch.linalg.vecdot(flat, flat)
    return squares / (2 * errors.shape[2])


def join(w: Tensor, v: Tensor) -> Tensor:
    """(S, K, 2p), (S, K, p) -> (S, 3p, K)."""
    return torch.cat([w, v], 2).mT.contiguous()


def split(weights: Tensor) -> tuple[Tensor, Tensor]:
    """(S, 3p, K) -> (S, K, 2p), (S, K, p)."""
    p = weights.shape[1] // 3
    return weights[:, :2 * p].mT, weights[:, 2 * p:].mT


def rows_of(pairs: Tensor, p: int) -> Tensor:
    """(S, n, 2) -> (S, n, 2): which two of the S·3p rows of all networks each pair picks."""
    return pairs + 3 * p * torch.arange(len(pairs))[:, None, None] + torch.tensor([0, p])
