"""The networks of the catalogue: which loss is sampled for which entry, where, and what is exact there.

Inputs are standard normal where an entry asks for inputs that identify what the network computes; the loss is then
that of the whole population. Truths and starts are seeded; a network is trained from random starts that do not know
the truth, and polished to an exact fit.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from numerics.curvature.eigenvalues import LARGEST_DENSE
from numerics.curvature.geometry import geometry
from numerics.curvature.threshold import value_there
from numerics.losses.architectures import DeepLinear, Lazy, Quadratic, Symmetric, diagonal_factors
from numerics.losses.polynomial import Dataset, Population, Twin
from numerics.losses.tanh import TanhUnits
from numerics.networks.file import require_memory
from numerics.networks.fourier import fourier_weights
from numerics.networks.quadrature import RadialProduct
from numerics.networks.training import Training, train
from slt_symbolic.closed_forms import Answer, closed_forms
from slt_symbolic.closed_forms.linear import normal_factors
from slt_symbolic.closed_forms.parameter import Sizes, format_sizes
from slt_symbolic.errors import InvalidInput
from slt_symbolic.evidence import Evidence
from slt_symbolic.networks.data import Pair, TwoHotPairs, all_pairs, component_count, path_of_pairs
from slt_symbolic.threshold import HasThreshold, Threshold

TEACHER_SEED = 1
STARTS = 20
STEPS, BATCH = 3000, 64
SETS_TRIED = 1000  # of seeded random pairs with the number of components asked for


@dataclass(frozen=True)
class Point(HasThreshold):
    """A loss and a minimiser, with what is known of ``(lambda, m)`` there.

    ``radial`` is the loss itself where it can be integrated to many digits. ``attempts`` are the training runs, the
    last one the one used; ``problem`` says why there is no minimiser.
    """

    loss: Twin
    theta: Tensor
    threshold: Threshold
    radial: RadialProduct | None = None
    attempts: tuple[Training, ...] = ()
    problem: str | None = None


def exact_point(name: str, **sizes: Any) -> Point:
    """The entry's own point: for a global entry one that attains the minimum. Its value is the entry's."""
    answer = _answer(name, sizes)
    twin, theta = NETWORKS[name](answer.sizes)
    return Point(twin, theta, answer.threshold, _radial(answer))


def trained_point(name: str, seed: int = 0, steps: int = STEPS, batch: int = BATCH, anywhere: bool = True,
                  **sizes: Any) -> Point:
    """`trained` of the entry's own network."""
    answer = _answer(name, sizes)
    twin, _ = NETWORKS[name](answer.sizes)
    return trained(twin, answer, seed, steps, batch, anywhere)


def trained(twin: Twin, answer: Answer, seed: int = 0, steps: int = STEPS, batch: int = BATCH,
            anywhere: bool = True) -> Point:
    """Train ``twin``, of which ``answer`` is the entry's, from random starts, polish, and find what is exact there.

    Unless ``anywhere`` will do, exact fits at which the value is another than the entry's, by their rank, are passed
    over: they lie in another stratum than the one that it is about.
    """
    attempts: list[Training] = []
    for start in range(seed, seed + STARTS):
        attempts.append(train(twin, start, steps, batch))
        if not attempts[-1].exact_fit:
            continue
        theta = attempts[-1].theta
        there = value_there(geometry(twin, theta), answer)
        if anywhere or there.lower <= answer.lower <= there.upper:
            return Point(twin, theta, there, attempts=tuple(attempts))
    unknown = Threshold(Fraction(0), Fraction(twin.parameters, 2), None, Evidence("numerical", "no minimiser"))
    return Point(twin, attempts[-1].theta, unknown, attempts=tuple(attempts),
                 problem=f"no exact fit{'' if anywhere else ' of that stratum'} from {STARTS} starts")


def _answer(name: str, sizes: Mapping[str, Any]) -> Answer:
    entry = closed_forms[name]
    if name not in NETWORKS:
        raise InvalidInput(name, "has no network to sample", f"one of {', '.join(NETWORKS)}")
    _require_affordable(name, entry.check(**sizes))
    return entry.at(**sizes)


def _require_affordable(name: str, sizes: Sizes) -> None:
    """Raise `InvalidInput` before something is made that no memory holds, and that would be refused in the end."""
    parameters = _parameters(name, sizes)
    if parameters > LARGEST_DENSE:
        raise InvalidInput(format_sizes(sizes), f"is a network of {parameters} parameters, and at most "
                           f"{LARGEST_DENSE} are sampled", "smaller sizes")
    if name.startswith("modular-addition"):
        require_memory(sizes["p"], sizes.get("N", sizes["p"]**2), format_sizes(sizes), "a smaller p, or fewer pairs")


def _parameters(name: str, sizes: Sizes) -> int:
    match name:
        case "quadratic-generic":
            return int(sizes["K"] * (sizes["d"] + sizes["p"]))
        case "quadratic-lazy":
            return int(max(sizes["K"] * sizes["p"], sizes["l"]))
        case "quadratic-dead-unit":
            return int(sizes["d"] + sizes["p"])
        case "symmetric-factorisation":
            return int(sizes["d"] * sizes["K"])
        case "reduced-rank-regression" | "reduced-rank-regression-local":
            return int(sizes["H"] * (sizes["M"] + sizes["N"]))
        case "tanh-zero-truth":
            return int(2 * sizes["H"])
        case "deep-linear":
            return sum(a * b for a, b in pairwise(sizes["widths"]))
    return int(3 * sizes["p"] * sizes.get("K", sizes.get("units", 1)))  # modular addition


def _radial(answer: Answer) -> RadialProduct | None:
    """One quadratic unit at zero truth on Gaussian inputs, ``E (w·x)^4 = 3 |w|^4``; one hidden unit, linear."""
    sizes = answer.sizes
    match answer.name:
        case "quadratic-dead-unit":
            return RadialProduct(1.5, sizes["p"], sizes["d"], 4)
        case "reduced-rank-regression" if sizes["H"] == 1 and sizes["r"] == 0:
            return RadialProduct(0.5, sizes["M"], sizes["N"], 2)
    return None






def random_teacher(parameters: int) -> Tensor:
    """(P,): standard normal, seeded."""
    generator = torch.Generator().manual_seed(TEACHER_SEED)
    return torch.randn(parameters, generator=generator, dtype=torch.float64)


def twin_of_teacher(architecture: Quadratic | Lazy, inputs: Tensor, centred: bool, teacher: Tensor) -> Twin:
    """The loss on these inputs, with the network itself at ``teacher`` as truth."""
    return Twin(architecture, Dataset(inputs, architecture.vjp(teacher[None], inputs)[0][0], centred))


def modular_addition(p: int, K: int, pairs: tuple[Pair, ...]) -> Twin:
    """The labels of modular addition on a training set, one-hot, centred."""
    labels = torch.nn.functional.one_hot(torch.tensor([(a + b) % p for a, b in pairs]), p).to(torch.float64)
    return Twin(Quadratic(2 * p, p, K), Dataset(_design(p, pairs), labels, centred=True))


def _quadratic_generic(sizes: Sizes) -> tuple[Twin, Tensor]:
    return _population(Quadratic(sizes["d"], sizes["p"], sizes["K"]))


def _quadratic_lazy(sizes: Sizes) -> tuple[Twin, Tensor]:
    """``l`` inputs in general position: functions on them are a space of dimension l."""
    width = 1
    while width * (width + 1) // 2 < max(sizes["l"], sizes["K"]):
        width += 1
    generator = torch.Generator().manual_seed(TEACHER_SEED)
    inputs = torch.randn(sizes["l"], width, generator=generator, dtype=torch.float64)
    frozen = torch.randn(sizes["K"], width, generator=generator, dtype=torch.float64) / width**0.5
    architecture = Lazy(frozen, sizes["p"])
    teacher = random_teacher(architecture.parameters)
    return twin_of_teacher(architecture, inputs, centred=False, teacher=teacher), teacher


def _quadratic_dead_unit(sizes: Sizes) -> tuple[Twin, Tensor]:
    architecture = Quadratic(sizes["d"], sizes["p"], 1)
    return _population(architecture, torch.zeros(architecture.parameters, dtype=torch.float64))


def _modular_addition_generic(sizes: Sizes) -> tuple[Twin, Tensor]:
    p = sizes["p"]
    architecture = Quadratic(2 * p, p, sizes["K"])
    teacher = random_teacher(architecture.parameters)
    pairs = sizes["pairs"] if "pairs" in sizes else _pairs(p, sizes["N"], sizes["components"])
    return twin_of_teacher(architecture, _design(p, pairs), bool(sizes["centred"]), teacher), teacher


def _modular_addition_dead_unit(sizes: Sizes) -> tuple[Twin, Tensor]:
    """All pairs, or a path with the wanted number of components."""
    p = sizes["p"]
    pairs = all_pairs(p).pairs if sizes["components"] == 1 else path_of_pairs(p, sizes["components"])
    architecture = Quadratic(2 * p, p, 1)
    targets = torch.zeros(len(pairs), p, dtype=torch.float64)
    return (Twin(architecture, Dataset(_design(p, pairs), targets, bool(sizes["centred"]))),
            torch.zeros(architecture.parameters, dtype=torch.float64))


def _modular_addition_fourier(sizes: Sizes) -> tuple[Twin, Tensor]:
    """The Fourier fit on all pairs, its units beyond 2p - 1 at zero."""
    p, units = sizes["p"], sizes["units"]
    inner, outer = (torch.zeros(units, width, dtype=torch.float64) for width in (2 * p, p))
    for padded, weights in zip((inner, outer), fourier_weights(p), strict=True):
        padded[: len(weights)] = torch.from_numpy(weights)
    pairs = all_pairs(p).pairs
    labels = torch.nn.functional.one_hot(torch.tensor([(a + b) % p for a, b in pairs]), p).to(torch.float64)
    twin = Twin(Quadratic(2 * p, p, units), Dataset(_design(p, pairs), labels, bool(sizes["centred"])))
    return twin, torch.cat([inner.ravel(), outer.ravel()])


def _tanh_zero_truth(sizes: Sizes) -> tuple[Twin, Tensor]:
    architecture = TanhUnits(sizes["H"])
    return _population(architecture, torch.zeros(architecture.parameters, dtype=torch.float64))


def _symmetric(sizes: Sizes) -> tuple[Twin, Tensor]:
    factor = diagonal_factors((sizes["K"], sizes["d"]), sizes["r"])
    return _population(Symmetric(sizes["d"], sizes["K"]), factor)


def _reduced_rank(sizes: Sizes) -> tuple[Twin, Tensor]:
    return _linear((sizes["N"], sizes["H"], sizes["M"]), sizes["r"])


def _reduced_rank_local(sizes: Sizes) -> tuple[Twin, Tensor]:
    point = [x for matrix in normal_factors(sizes) for row in matrix for x in row]
    return _population(DeepLinear((sizes["N"], sizes["H"], sizes["M"])), torch.tensor(point, dtype=torch.float64))


def _deep_linear(sizes: Sizes) -> tuple[Twin, Tensor]:
    return _linear(tuple(sizes["widths"]), sizes["r"])


def _linear(widths: tuple[int, ...], rank: int) -> tuple[Twin, Tensor]:
    return _population(DeepLinear(widths), diagonal_factors(widths, rank))


def _population(architecture: Any, teacher: Tensor | None = None) -> tuple[Twin, Tensor]:
    teacher = random_teacher(architecture.parameters) if teacher is None else teacher
    return Twin(architecture, Population(teacher)), teacher


def _pairs(p: int, number: int, components: int) -> tuple[Pair, ...]:
    """Seeded random pairs with that many components; the first set found."""
    everything = all_pairs(p).pairs
    for seed in range(SETS_TRIED):
        pairs = tuple(sorted(random.Random(seed).sample(everything, number)))
        if component_count(p, pairs) == components:
            return pairs
    raise InvalidInput(f"components={components}", f"none of {SETS_TRIED} random sets of {number} pairs has it",
                       "pairs=FILE")


def _design(p: int, pairs: tuple[Pair, ...]) -> Tensor:
    return torch.from_numpy(TwoHotPairs(p, pairs).matrix()).to(torch.float64)


NETWORKS: Mapping[str, Callable[[Sizes], tuple[Twin, Tensor]]] = {
    "quadratic-generic": _quadratic_generic,
    "quadratic-lazy": _quadratic_lazy,
    "quadratic-dead-unit": _quadratic_dead_unit,
    "modular-addition-generic": _modular_addition_generic,
    "modular-addition-dead-unit": _modular_addition_dead_unit,
    "modular-addition-fourier": _modular_addition_fourier,
    "symmetric-factorisation": _symmetric,
    "reduced-rank-regression": _reduced_rank,
    "reduced-rank-regression-local": _reduced_rank_local,
    "deep-linear": _deep_linear,
    "tanh-zero-truth": _tanh_zero_truth,
}
