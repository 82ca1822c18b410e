"""One germ, one answer: ``python -m tests.benchmarks.metamorphic OUT.jsonl [--limit S] [--seconds S]``.

Every golden and public case, typed in other ways that leave ``(lambda, m)`` alone: the loss as one function,
multiplied out or by a rational Gram matrix; generators, variables and terms in another order; other generators of the
same ideal; after polynomial changes of coordinates of small degree, and moved to another rational point. A line of
OUT.jsonl an answer; a second run goes on where the first one ended. What is printed: contradictions (exit 1), and what
was exact and is a bracket.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from slt_symbolic import InvalidInput, rlct
from slt_symbolic.check.algebra.ring import ring_of, terms
from slt_symbolic.germ.reading import read
from tests import DATA

Question = dict[str, Any]  # arguments of rlct: generators, variables, at, function
LARGEST = 4000  # characters of a germ that is typed in another way


def cases() -> Iterator[tuple[str, Question, str, int]]:
    """Name, question, lambda, m."""
    for case in json.loads((DATA / "rlct_cases.json").read_text()):
        function = case["kind"] != "ideal"
        question = {"generators": case["gens"], "variables": case["vars"], "function": function}
        yield case["id"], question, case["lam"], case["m"]
    for case in json.loads((DATA / "public_cases.json").read_text()):
        at = dict(part.split("=") for part in case["at"].split(",")) if case["at"] else {}
        question = {"generators": case["gens"], "at": at, "function": case["function"]}
        yield case["id"], question, case["lam"], case["m"]


def polynomials(question: Question) -> tuple[list[str], list[Any], dict[str, Fraction]]:
    """Names, polynomials, the point."""
    asked = read(question["generators"], question.get("variables"), question.get("at"))
    return list(asked.names), list(asked.polynomials), dict(zip(asked.names, asked.point.values, strict=True))


def one_function(question: Question, rng: random.Random) -> Question:
    """The sum of the squares, as typed."""
    return {**question, "generators": [" + ".join(f"({g})^2" for g in question["generators"])], "function": True}


def expanded(question: Question, rng: random.Random) -> Question:
    """The sum of the squares, multiplied out."""
    _, found, _ = polynomials(question)
    return {**question, "generators": [str(sum((g * g for g in found[1:]), found[0] * found[0]))], "function": True}


def gram(question: Question, rng: random.Random) -> Question:
    """A positive definite form in the generators, with rational coefficients, multiplied out."""
    _, found, _ = polynomials(question)
    total = found[0] * 0
    for i, g in enumerate(found):
        mixed = g + sum((rng.randint(-2, 2) * h / 3 for h in found[:i]), g * 0)
        total += rng.randint(1, 3) * mixed * mixed / 2
    return {**question, "generators": [str(total)], "function": True}


def reordered(question: Question, rng: random.Random) -> Question:
    """Generators, variables and terms in another order."""
    names, found, at = polynomials(question)
    texts = []
    for g in found:
        monomials = [f"({c})" + "".join(f"*{n}^{k}" for n, k in zip(names, e, strict=True) if k)
                     for e, c in terms(g).items()]
        texts.append(" + ".join(rng.sample(monomials, len(monomials))))
    return {**question, "generators": rng.sample(texts, len(texts)), "variables": rng.sample(names, len(names)),
            "at": {name: str(a) for name, a in at.items()}}


def regenerated(question: Question, rng: random.Random) -> Question:
    """Other generators of the same ideal: rational combinations, and multiples by polynomials added."""
    names, found, _ = polynomials(question)
    if question["function"]:
        return {**question, "generators": [f"3/2*({found[0]})"]}
    x = ring_of(names).gens()
    for i in range(1, len(found)):
        found[i] += (rng.randint(-2, 2) + rng.choice(x)) * found[i - 1]
    return {**question, "generators": [str(2 * g) for g in found]}


def changed(question: Question, rng: random.Random) -> Question:
    """``x_i -> x_i + a x_j + b x_k^2`` at the point, for some variables, one after the other."""
    names, found, at = polynomials(question)
    ring = ring_of(names)
    x = ring.gens()
    for i in rng.sample(range(len(names)), min(2, len(names) - 1)):
        j, k = (rng.choice([n for n in range(len(names)) if n != i]) for _ in range(2))
        near = [x[n] - _constant(ring, at[names[n]]) for n in range(len(names))]
        image = x[i] + rng.choice([-1, 1, 2]) * near[j] + rng.choice([-1, 0, 1]) * near[k] ** 2
        found = [g.compose(*[image if n == i else v for n, v in enumerate(x)], ctx=ring) for g in found]
    return {**question, "generators": [str(g) for g in found], "variables": names,
            "at": {name: str(a) for name, a in at.items()}}


def translated(question: Question, rng: random.Random) -> Question:
    """The same germ at another rational point."""
    names, found, at = polynomials(question)
    ring = ring_of(names)
    shifts = {name: Fraction(rng.randint(-3, 3), rng.randint(1, 3)) for name in names}
    images = [v - _constant(ring, shifts[name]) for name, v in zip(names, ring.gens(), strict=True)]
    return {**question, "generators": [str(g.compose(*images, ctx=ring)) for g in found], "variables": names,
            "at": {name: str(at[name] + shifts[name]) for name in names}}


def _constant(ring: Any, value: Fraction) -> Any:
    return ring.constant(value.numerator) / value.denominator


WAYS: tuple[Callable[[Question, random.Random], Question], ...] = (one_function, expanded, gram, reordered, regenerated,
                                                                   changed, translated)


def answers(names: list[str], limit: float, done: set[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    """One after the other, but those that are done."""
    for name, question, value, m in cases():
        if names and name not in names:
            continue
        for way in (None, *WAYS):
            key = (name, way.__name__ if way else "as it is")
            if key in done or (question["function"] and way in (one_function, expanded, gram)):
                continue
            asked = question if way is None else way(question, random.Random(f"{key}"))
            if sum(map(len, asked["generators"])) > LARGEST:
                continue
            try:
                found = rlct(**asked, timeout=limit)
            except InvalidInput as error:
                yield {"case": key[0], "way": key[1], "error": str(error)[:200]}
                continue
            right = found.lower <= Fraction(value) <= found.upper and (
                found.lower < found.upper or found.multiplicity in (None, m))
            yield {"case": key[0], "way": key[1], "right": right, "exact": found.status == "exact",
                   "m": found.multiplicity, "lower": str(found.lower), "upper": str(found.upper),
                   "seconds": round(found.seconds, 2)}


def main() -> None:
    """Go on until all is done or the time is over; then what there is to say of all answers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("cases", nargs="*", metavar="CASE")
    parser.add_argument("--limit", type=float, default=10, help="seconds for an answer")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="for all of them together")
    options = parser.parse_args()
    rows = [json.loads(line) for line in options.out.read_text().splitlines()] if options.out.exists() else []
    end = time.monotonic() + options.seconds
    with options.out.open("a") as file:
        for row in answers(options.cases, options.limit, {(row["case"], row["way"]) for row in rows}):
            rows.append(row)
            print(json.dumps(row), file=file, flush=True)
            if time.monotonic() > end:
                break
    sys.exit(summary(rows))


def summary(rows: list[dict[str, Any]]) -> int:
    """Print it; 1 if an answer contradicts what is known."""
    exact = {row["case"]: (row["exact"], row["m"]) for row in rows if row["way"] == "as it is" and "exact" in row}
    wrong = [row for row in rows if "error" in row or not row["right"]]
    lost = [row for row in rows if "exact" in row and exact.get(row["case"], (False, None))[0] and not row["exact"]]
    open_m = [row for row in rows if row.get("exact") and row["m"] is None
              and exact.get(row["case"], (False, None))[1] is not None]
    for title, chosen in (("contradictions and errors", wrong), ("exact as it is, a bracket in another way", lost),
                          ("m decided as it is, not in another way", open_m)):
        print(f"{title}: {len(chosen)}")
        for row in chosen:
            print("  " + json.dumps(row))
    print(f"{len(rows)} answers, {sum(1 for row in rows if row.get('exact'))} exact")
    return int(bool(wrong))


if __name__ == "__main__":
    main()
