"""The loss near a point: Hessian, rank, and whether its zeros there form a smooth manifold.

Let ``H`` be the Hessian at a minimiser ``w*`` and ``N`` its kernel. The *reduced loss* ``R(v)``, v in N, is the minimum
over the other directions near ``w* + v``. It is analytic, and in suitable coordinates ``K = 1/2 |y|^2 + R(v)``
(splitting lemma). If R vanishes identically the point is *regular*: minimisers form a manifold, ``lambda = rank H/2``.
If not, R is of order 4 at least, and ``rank/2 < lambda <= rank/2 + dim N / 4``. R vanishes identically if it does at a
few random vectors.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from numerics.curvature.eigenvalues import CLEAR, ROUNDING, Spectrum, spectrum_of
from numerics.losses.polynomial import Loss, Twin

EXACT_FIT = 1e-20  # a loss below is zero to double precision
NEGLIGIBLE = 1e-10  # loss relative to ``h_max size^2``: an exact fit to data that was rounded, to float32 say
LARGEST_STEP = 0.03  # from the point to the minimum of the quadratic approximation, relative to the parameters
LARGEST_NEGATIVE = 1e-3  # curvature, relative to the largest
PROBES = 4  # random kernel vectors
NEGATIVE = 2  # distances at least, at which a reduced loss that falls is seen to be negative
PROBE_DISTANCES = (0.1, 0.03, 0.01, 0.003, 0.001)  # their length, relative to the size of the parameters
RELAXATION_STEPS, RELAXED = 60, 1e-12  # the slope that is left, relative to that of a quadratic
SETTLING_STEPS, SETTLED = 8, 1e-13  # Newton steps to the minimum, and the last of them, relative to the size
SLOWEST = 0.5  # each step over the one before: slower convergence is that of a singular minimum, not of an offset
LASTS = 0.7  # share of a curvature that a step of slow convergence leaves, of one that is not the offset's
ABOVE = 10.0  # times what rounding of the data may have made of a curvature
EPSILON = torch.finfo(torch.float64).eps  # rounding errors of curvatures, relative to the largest, at least
NEXT, UNITS = 8, 4.0  # points next to the minimum, and how far: units in the last place of the parameters
ALONE = 0.5  # relative difference of what the loss rises by and what a curvature makes of it
NEWTON_STEPS = 10  # with the Hessian of each point
HIGHEST = 12  # order up to which a reduced loss is told from a kink beyond a flat neighbourhood
FLAT = 1e-14  # reduced loss relative to ``h_max |v|^4 / size^2``, which is what order 4 has


Steps = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Geometry:
    """Second-order data near ``point`` (P,): ``eigenvalues`` (P,), largest first, zeros set to 0, and ``basis`` (P, P).

    They are those of the minimum next to it, ``newton_step`` away, where the loss is less by ``newton_decrement``.
    ``regular`` says that the reduced loss vanishes, ``falls`` that it is negative; ``size`` is that of the parameters,
    1 where all are zero.
    """

    point: Tensor
    loss: float
    newton_decrement: float
    newton_step: float
    eigenvalues: Tensor
    basis: Tensor
    spectrum: Spectrum
    regular: bool
    size: float
    falls: bool = False

    @property
    def fits(self) -> bool:
        """Whether the loss at the point is nothing next to the loss around it."""
        return self.loss < max(EXACT_FIT, NEGLIGIBLE * self.spectrum.largest * self.size**2)

    @property
    def unresolved(self) -> float:
        """Differences of the loss that mean nothing: how far the point is above the minimum, and rounding errors."""
        return max(self.newton_decrement, 0.0) + torch.finfo(self.point.dtype).eps * abs(self.loss)

    @property
    def is_minimum(self) -> bool:
        """Near a minimum neither Hessian nor reduced loss is negative; that of the quadratic approximation is near."""
        return not self.saddle and not self.falls and self.newton_step <= LARGEST_STEP * self.size

    @property
    def saddle(self) -> bool:
        """Whether the Hessian is negative along a direction."""
        return self.spectrum.largest_zero > LARGEST_NEGATIVE * max(self.spectrum.largest, LARGEST_NEGATIVE)

    @property
    def nonzero(self) -> Tensor:
        """The nonzero eigenvalues."""
        return self.eigenvalues[: self.spectrum.rank]


def geometry(loss: Loss, point: Tensor) -> Geometry:
    """Hessian, rank and regularity at the minimum next to ``point`` (P,), to which Newton's method leads.

    Off the minimum by ``e`` zeros of the Hessian become curvatures of order e, of both signs or of one, which no
    threshold tells from small ones: so they are taken where Newton's method has made e a rounding error. Where its
    steps are those to a singular minimum, slow, what shrinks with them is none.
    """
    size = max(float(point.square().mean().sqrt()), float(point.abs().max()) / 3) or 1.0
    minimum, values, basis, spectrum, slopes = _settled(loss, point, size)
    value, lowest = float(loss.value(point[None])), float(loss.value(minimum[None]))
    left = slopes / values[: spectrum.rank]  # of the way, all of it where Newton's method led nowhere near
    decrement = value - lowest + float(slopes @ left / 2)
    step = float((minimum - point - basis[:, : spectrum.rank] @ left).norm())
    around = _Around(loss, minimum, lowest, values, basis, size)
    regular = around.regular(spectrum.rank)
    softer = None if regular else _softer(values, spectrum)
    if softer is not None and around.regular(softer.rank):
        quadratic = around.quadratic(spectrum.rank, softer.rank)
        if quadratic is None:  # lambda is between half of the one and half of the other
            softer = replace(softer, others=tuple(range(spectrum.rank, softer.rank)))
        if quadratic is not False:
            spectrum, regular = softer, True
    kept = values * (torch.arange(len(values), device=values.device) < spectrum.rank)
    spectrum = _as_far_as_data_tell(loss, spectrum, kept, lowest, size)
    falls = not regular and around.falls(spectrum.rank)
    return Geometry(point, value, decrement, step, kept, basis, spectrum, regular, size, falls)


def _softer(values: Tensor, spectrum: Spectrum) -> Spectrum | None:
    """With the curvatures (P,), largest first, that are no zeros by the last gap but below the usual threshold."""
    sizes = torch.cat([values.abs(), torch.zeros_like(values[:1])])  # behind the last of them there is nothing
    gaps = [rank for rank in range(spectrum.rank + 1, len(values) + 1)
            if float(values[rank - 1]) > CLEAR * float(sizes[rank:].max())
            and float(values[rank - 1]) > ABOVE * ROUNDING * spectrum.largest]
    if not gaps:
        return None
    rank = gaps[-1]
    return Spectrum(rank, spectrum.largest, float(values[rank - 1]), float(sizes[rank:].max()))


def _as_far_as_data_tell(loss: Loss, spectrum: Spectrum, eigenvalues: Tensor, value: float, size: float) -> Spectrum:
    """With the ranks that an exact fit may have to data of which rounding has left the loss ``value``.

    Errors r of n outputs f add ``mean r D^2 f`` to the Hessian. Where they are those of rounding they are as random,
    ``sqrt(2 value largest / n) / size`` by the size of f's derivatives: a curvature as small may be nothing else.
    """
    rank, largest = spectrum.rank, spectrum.largest
    if spectrum.others or not EXACT_FIT < value < NEGLIGIBLE * largest * size**2:
        return spectrum
    rounded = math.sqrt(2 * value * largest / (loss.samples or 1)) / size
    certain = int((eigenvalues[:rank] > ABOVE * rounded).sum())
    return replace(spectrum, others=tuple(range(certain, rank)))


def _settled(loss: Loss, point: Tensor, size: float) -> tuple[Tensor, Tensor, Tensor, Spectrum, Tensor]:
    """The minimum by Newton's method, with eigenvalues, basis, spectrum and slope there; the point if it is not near.

    Steps are in the directions whose curvature is no noise. One that counts zeros among them is as long as the
    offset is, and the next ones see them for what they are.
    """
    theta, last, start, before = point, math.inf, None, None
    for _ in range(SETTLING_STEPS):
        value, gradient = (x[0] for x in loss.value_and_gradient(theta[None]))
        values, basis = _eigen(loss, theta, float(value))
        spectrum = spectrum_of(values)
        slopes = (gradient @ basis)[: spectrum.rank]
        found = (theta, values, basis, spectrum, slopes)
        start = start or found
        step = basis[:, : spectrum.rank] @ (slopes / values[: spectrum.rank])
        length = float(step.norm())
        if before is not None and SLOWEST * last < length < last:
            lasting = _lasting(spectrum, values, before)
            return theta, values, basis, lasting, slopes[: lasting.rank]
        if not length <= SLOWEST * last:
            break
        if length <= SETTLED * size:
            return found
        if float((theta - step - point).norm()) > LARGEST_STEP * size:
            return start
        theta, last, before = theta - step, length, values
    return found


def _lasting(spectrum: Spectrum, values: Tensor, before: Tensor) -> Spectrum:
    """Without the curvatures (P,) that a slow Newton step, after which they are ``values``, has made smaller.

    Next to a minimum of order k along a direction the curvature is that of the offset, and such a step leaves
    ``((k-2)/(k-1))^(k-2) < 1/2`` of it.
    """
    kept = (values > LASTS * before)[: spectrum.rank].tolist()
    rank = (*kept, False).index(False)
    if rank == spectrum.rank:
        return spectrum
    softest = float(values[rank - 1]) if rank else 0.0
    return Spectrum(rank, spectrum.largest if rank else 0.0, softest, spectrum.largest_zero)


def _eigen(loss: Loss, point: Tensor, value: float) -> tuple[Tensor, Tensor]:
    """Eigenvalues, largest first, and eigenvectors; at an exact fit by the singular values of the Jacobian."""
    if isinstance(loss, Twin) and value < EXACT_FIT:
        _, singular, rows = torch.linalg.svd(loss.jacobian(point), full_matrices=True)
        values = torch.zeros(len(point), dtype=point.dtype, device=point.device)
        values[: len(singular)] = singular.square()
        return values, rows.T
    hessian = loss.hessian(point)
    values, vectors = torch.linalg.eigh((hessian + hessian.T) / 2)
    return values.flip(0), vectors.flip(1)


@dataclass(frozen=True)
class _Around:
    """The loss around a minimum (P,) of ``value``, by ``values`` (P,) and ``basis`` (P, P) of its Hessian."""

    loss: Loss
    minimum: Tensor
    value: float
    values: Tensor
    basis: Tensor
    size: float

    def regular(self, rank: int) -> bool:
        """Whether the reduced loss on the kernel, all directions but the first ``rank``, vanishes.

        Decided at the largest distance at which the other directions could be minimised over; but where it vanishes
        nearer, as no power up to `HIGHEST` does that rises as it rises there, it is a kink that lies between. The first
        probe does not move along the kernel: what it gains is how far the point is off the minimum.
        """
        if rank == len(self.minimum):
            return True
        kernel = self._directions(rank)
        if rank == 0:
            return self._is_constant(kernel)
        farther, rose = math.inf, math.inf
        for distance in (self.size * share for share in PROBE_DISTANCES):
            nothing = self._nothing(distance)
            if rose < math.inf and rose * (distance / farther)**HIGHEST < ABOVE * nothing:
                break
            reduced = self._reduced(rank, distance * kernel, distance)
            if reduced is None:
                continue
            farther, rose = distance, float(reduced.abs().max())
            if rose < nothing:
                return True
        return False

    def falls(self, rank: int) -> bool:
        """Whether the reduced loss is negative along a probe, as far as the largest distance and as near as it is seen.

        Not where it is lower at some distance alone: another minimum is there, or the point is a little off its own.
        """
        kernel, lower, higher = self._directions(rank), torch.zeros(PROBES), torch.zeros(PROBES)
        for distance in (self.size * share for share in PROBE_DISTANCES):
            reduced = self._reduced(rank, distance * kernel, distance)
            if reduced is not None:
                nothing = ABOVE * self._nothing(distance)
                lower, higher = lower + (reduced < -nothing).cpu(), higher + (reduced > nothing).cpu()
        return bool(((lower >= NEGATIVE) & (higher == 0)).any())

    def _directions(self, rank: int) -> Tensor:
        """(n, P - rank): of length 1, at random in the kernel."""
        return torch.nn.functional.normalize(self._random(PROBES, len(self.minimum) - rank), eps=0)

    def _random(self, *shape: int) -> Tensor:
        """Normal numbers, the same each time."""
        like, generator = self.minimum, torch.Generator(device=self.minimum.device).manual_seed(0)
        return torch.randn(*shape, generator=generator, dtype=like.dtype, device=like.device)

    def _nothing(self, distance: float) -> float:
        """A reduced loss that is none."""
        return max(FLAT * self._largest * distance**4 / self.size**2, self._resolution)

    def _is_constant(self, directions: Tensor) -> bool:
        """Whether the loss is the same to the last digit as far along ``directions`` (n, P) as probes go."""
        return bool((self.loss.value(self.minimum + PROBE_DISTANCES[0] * self.size * directions) == self.value).all())

    def quadratic(self, rank: int, more: int) -> bool | None:
        """Whether the loss rises by the curvatures from ``rank`` to ``more`` alone; None where not all are seen to.

        Next to a minimum of order four there are such curvatures, too, but there it soon rises by more.
        """
        steps = torch.eye(len(self.minimum) - rank, dtype=self.minimum.dtype)[: more - rank].to(self.minimum)
        wanted = self.values[rank:more].repeat(2) / 2
        for distance in (self.size * share for share in PROBE_DISTANCES):
            reduced = self._reduced(rank, distance * torch.cat([steps, -steps]), distance)
            if reduced is not None:
                seen, alone = reduced > ABOVE * self._resolution, (reduced / (wanted * distance**2) - 1).abs() < ALONE
                return False if bool((seen & ~alone).any()) else True if bool(seen.all()) else None
        return None

    @property
    def _largest(self) -> float:
        return float(self.values[0])

    @cached_property
    def _resolution(self) -> float:
        fitted = abs(self.value) < NEGLIGIBLE * self._largest * self.size**2
        own = abs(self.value) * (1 if fitted else 1e3 * torch.finfo(self.minimum.dtype).eps)
        return max(own, ABOVE * self._scatter())

    def _scatter(self) -> float:
        """How the loss scatters some units in the last place around, where it has no slope.

        Of terms that cancel, as those of a divergence do, rounding leaves more than a share of their sum.
        """
        unit = torch.finfo(self.minimum.dtype).eps * self.size
        values = self.loss.value(self.minimum + UNITS * unit * self._random(NEXT, len(self.minimum)))
        return float((values - self.value).abs().max())

    def _reduced(self, rank: int, along: Tensor, distance: float) -> Tensor | None:
        """(n,): by how much the loss rises for ``along`` (n, P - rank), the first ``rank`` directions minimised over.

        None where Newton's method does not do it, neither with the Hessian of the minimum nor with that of each point.
        """
        moved = torch.zeros(1 + len(along), len(self.minimum), dtype=along.dtype, device=along.device)
        moved[1:, rank:] = along
        found = moved if rank == 0 else self._relaxed(rank, moved, distance, self._chord, RELAXATION_STEPS)
        if found is None:
            found = self._relaxed(rank, moved, distance, self._newton, NEWTON_STEPS)
        if found is None:
            return None
        values = self.loss.value(self.minimum + found @ self.basis.T)
        return values[1:] - values[0]

    def _relaxed(self, rank: int, moved: Tensor, distance: float, steps: Steps, most: int) -> Tensor | None:
        """``moved`` (n, P) with the first ``rank`` directions minimised over; None where so many steps do not do it."""
        moved = moved.clone()
        for _ in range(most):
            theta = self.minimum + moved @ self.basis.T
            slope = (self.loss.value_and_gradient(theta)[1] @ self.basis)[:, :rank]
            if bool((slope.norm(dim=1) < RELAXED * self._largest * distance).all()):
                return moved
            step = steps(theta, slope)
            if not bool((step.norm(dim=1) <= self.size).all()):
                return None
            moved[:, :rank] -= step
        return None

    def _chord(self, theta: Tensor, slope: Tensor) -> Tensor:
        """Newton's steps (n, rank) by the Hessian of the minimum."""
        return slope / self.values[:slope.shape[1]]

    def _newton(self, theta: Tensor, slope: Tensor) -> Tensor:
        """Those by the Hessian at each ``theta`` (n, P), where soft directions turn as one goes."""
        stiff = self.basis[:, :slope.shape[1]]
        return torch.stack([torch.linalg.lstsq(stiff.T @ self.loss.hessian(x) @ stiff, y[:, None]).solution[:, 0]
                            for x, y in zip(theta, slope, strict=True)])
