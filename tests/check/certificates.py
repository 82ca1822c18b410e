"""Genuine certificates that the search finds, for tests that damage them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from slt_symbolic import rlct
from tests import DATA

GERMS = {
    "cusp of cusps": ["(y^2-x^3)^3+x^10"],
    "irrational tangents": ["(y^2-2*x^2)^2+x^5"],
    "matrix product": ["a*e+b*g", "a*f+b*h", "c*e+d*g", "c*f+d*h"],
    "shibuta": ["x^2-y*z", "x*y"],
    "tangent": ["y-x^2", "(z-x^3)^2+y^5"],
    "sum": ["x^2-y^3", "z*w"],
    "definite": ["(x^2+y^2+z^2)^2"],
    "units": ["v1*w1^2+v2*w2^2"],
    "rank one": ["a*d-b*c", "a*f-b*e", "c*f-d*e"],
    "squares": ["x^4+y^4+z^4+w^4-4*x*y*z*w"],
    "arrangement": ["x^2*(x-y)^3*(x+y)", "(x-2*y)^2*y^3*(x+y)"],
    "coordinates": ["x^3+y^3-z*w", "z^3+w^3-x*y"],
    "power": ["((x^2-2*y^2)^2-x^5)^2"],
    "row times matrix": ["a*c+b*d", "a*e+b*f"],
    "rows of a plane": ["a*c+b*d", "a*e+b*f+a*c*d*e", "c*e+d*f", "a*c*e"],
    "two units": ["a*x+b*y", "a*x^3+b*y^3"],
    "three by three": [" + ".join(f"a{i}{k}*b{k}{j}" for k in range(3)) for i in range(3) for j in range(3)],
}
CASES = json.loads((DATA / "rlct_cases.json").read_text())
SAMPLE = [case for case in CASES[::4] if case["kind"] == "ideal"]


class Certificates(Mapping[str, Any]):
    """By name; each is searched for when it is asked for, and kept."""

    def __init__(self) -> None:
        self._arguments = {name: (generators, None) for name, generators in GERMS.items()} | {
            case["id"]: (case["gens"], case["vars"]) for case in SAMPLE}
        self._found: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._found:
            generators, variables = self._arguments[name]
            self._found[name] = json.loads(json.dumps(rlct(generators, variables).certificate))
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arguments)

    def __len__(self) -> int:
        return len(self._arguments)


CERTIFICATES = Certificates()
