"""Genuine certificates that the search finds, for tests that damage them."""

from __future__ import annotations

import json
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
    "power": ["((x^2-2*y^2)^2-x^5)^2"],
    "three by three": [" + ".join(f"a{i}{k}*b{k}{j}" for k in range(3)) for i in range(3) for j in range(3)],
}
CASES = json.loads((DATA / "rlct_cases.json").read_text())
SAMPLE = [case for case in CASES[::4] if case["kind"] == "ideal"]
CERTIFICATES: dict[str, Any] = {
    **{name: json.loads(json.dumps(rlct(generators).certificate)) for name, generators in GERMS.items()},
    **{case["id"]: json.loads(json.dumps(rlct(case["gens"], variables=case["vars"]).certificate)) for case in SAMPLE}}
