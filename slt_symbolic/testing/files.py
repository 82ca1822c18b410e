"""A user's file of formulas: what in it is compared with what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from slt_symbolic.closed_forms.formulas import ClosedForm
from slt_symbolic.closed_forms.parameter import format_sizes
from slt_symbolic.errors import InvalidInput
from slt_symbolic.germ.germ import Germ
from slt_symbolic.networks.quadratic import QuadraticNetwork, germ_at
from slt_symbolic.storage.programs import MODULE, broken, is_of_program
from slt_symbolic.testing.formulas import Formula, Sizes
from slt_symbolic.testing.oracles import Oracle, Unfit, engine_on, germ_of, rank_of, sampled
from slt_symbolic.threshold import Threshold

EXAMPLE = "a Python file with formula, germ and sizes, see slt test --help"
VALUES = 4  # of each parameter of a closed form, from the least on, where the file has no sizes
WEIGHTS = (-3, -2, -1, 1, 2, 3)  # of a network that is sampled where the file has no weights


@dataclass(frozen=True)
class Subject:
    """A formula of the file, what it is compared with, and at which sizes."""

    name: str
    formula: Formula
    against: str
    oracle: Oracle
    sizes: Sizes
    domain: Callable[..., bool] | None


def subjects_of(path: Path, defined: Mapping[str, Any], name: str | None, against: str | None,
                timeout: float) -> list[Subject]:
    """The formulas to test: the one of this name; else ``formula``; else all closed forms that the file makes.

    ``against`` is engine, rank or sampled; by default engine if the file has ``germ``, rank if it has ``network``, and
    the computation of its own for a closed form. ``timeout`` is what the engine may take at one size.
    """
    names = [name] if name is not None else ["formula"] if "formula" in defined else \
        [key for key, value in defined.items() if isinstance(value, ClosedForm) and not key.startswith("_")]
    if not names:
        raise InvalidInput(str(path), "defines no formula and no ClosedForm", "def formula(**sizes), and FILE.py:NAME "
                           "for another name")
    return [_subject(_File(path, defined), key, against, timeout) for key in names]


@dataclass(frozen=True)
class _File:
    """What a file defines, each function guarded: what it raises becomes one line with its place."""

    path: Path
    defined: Mapping[str, Any]

    def function(self, name: str) -> Callable[..., Any] | None:
        """The function of this name; None if there is none."""
        found = self.defined.get(name)
        if found is None:
            return None
        if not callable(found):
            raise InvalidInput(f"{self.path}: {name}", f"is of type {type(found).__name__}, no function",
                               f"def {name}(**sizes)")
        return self.guarded(found, name)

    def guarded(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        """The function; `InvalidInput` passes, which says that sizes are outside the domain."""
        code = getattr(function, "__code__", None)
        line = code.co_firstlineno if code is not None and code.co_filename == str(self.path) else None

        def call(**sizes: Any) -> Any:
            try:
                return function(**sizes)
            except InvalidInput:
                raise
            except BaseException as error:
                if not is_of_program(error):
                    raise
                raise Unfit(broken(error, self.path, f"{name} at {format_sizes(sizes)}", line)) from None

        return call


def _subject(file: _File, name: str, against: str | None, timeout: float) -> Subject:
    found = file.defined.get(name)
    if isinstance(found, ClosedForm):
        formula, sizes = _formula_of(file, found), file.defined.get("sizes")
        sizes = _sizes_of(file.path, found) if sizes is None else sizes
        oracle, against = (_recomputed(file, found), "recompute") if against is None else \
            (_oracle(file, against, timeout), against)
    else:
        if name not in file.defined or not callable(found):
            others = [key for key, value in file.defined.items() if isinstance(value, ClosedForm)
                      or (callable(value) and getattr(value, "__module__", None) == MODULE)]
            raise InvalidInput(f"{file.path}:{name}", "is no function or ClosedForm of this file",
                               f"one of {', '.join(others)}" if others else f"def {name}(**sizes)")
        formula, sizes = file.guarded(found, name), file.defined.get("sizes")
        if sizes is None:
            raise InvalidInput(str(file.path), "defines no sizes", 'sizes = {"d": range(1, 5)}')
        against = against or _default(file)
        oracle = _oracle(file, against, timeout)
    return Subject(name, formula, against, oracle, sizes, file.function("domain"))


def _default(file: _File) -> str:
    for name, against in (("germ", "engine"), ("network", "rank")):
        if name in file.defined:
            return against
    raise InvalidInput(str(file.path), "defines neither germ nor network: there is nothing to compare with",
                       "def germ(**sizes), which returns polynomials like ['x^2 - y^3']")


def _oracle(file: _File, against: str, timeout: float) -> Oracle:
    germ, network, weights = (file.function(name) for name in ("germ", "network", "weights"))
    subject = network or germ
    if against == "rank" and subject is not None:
        return rank_of(subject)
    if germ is None and network is not None:
        if weights is None and against == "engine":
            raise InvalidInput("--against engine", f"{file.path} defines a network without weights, and no germ",
                               "def weights(**sizes), which returns (W, V), or --against rank")
        germ = _germ_of_network(network, weights)
    if germ is None:
        _default(file)
        raise AssertionError("a file with neither is refused")
    return engine_on(germ, timeout=timeout) if against == "engine" else sampled(germ)


def _germ_of_network(network: Callable[..., Any], weights: Callable[..., Any] | None) -> Callable[..., Germ]:
    """The germ of the network's loss at its weights; at random integers where there are none."""
    def germ(**sizes: Any) -> Germ:
        found = network(**sizes)
        if not isinstance(found, QuadraticNetwork):
            return germ_of(found, sizes)
        d, p, units = found.inputs.width, found.outputs, found.units
        random = Random(0)
        w, v = weights(**sizes) if weights else ([[random.choice(WEIGHTS) for _ in range(n)] for _ in range(units)]
                                                 for n in (d, p))
        return germ_at(found, w, v)

    return germ


def _formula_of(file: _File, entry: ClosedForm) -> Formula:
    def formula(**sizes: Any) -> tuple[Any, int]:
        return entry.formula(entry.check(**sizes))

    return file.guarded(formula, f"formula of {entry.name}")


def _recomputed(file: _File, entry: ClosedForm) -> Oracle:
    def recompute(**sizes: Any) -> Threshold:
        return entry.recompute(entry.check(**sizes))

    return file.guarded(recompute, f"recompute of {entry.name}")


def _sizes_of(path: Path, entry: ClosedForm) -> dict[str, range]:
    """The least values of each parameter."""
    if any(parameter.length for parameter in entry.parameters):
        raise InvalidInput(f"{path}: {entry.name}", "has lists among its parameters, of which no grid is made",
                           "def formula(**sizes) and sizes of integers")
    return {x.name: range(2) if x.is_flag else range(x.minimum, x.minimum + VALUES) for x in entry.parameters}
