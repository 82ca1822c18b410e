"""Every number on a page is computed: what is typed in prose stands in an example, a generated page or the code."""

import re
import signal
import tomllib
from collections.abc import Iterator
from fractions import Fraction
from types import SimpleNamespace

import pytest

from numerics.curvature.eigenvalues import LARGEST_DENSE
from numerics.diagnosis.ball_proof import LARGEST_SPAN
from numerics.estimation.agreement import agreement, wrong_value
from numerics.grokking.settings import GENERALISED, HELD_FOR, RunSettings
from numerics.sampling.published import PUBLISHED
from numerics.studies.published.plan import PUBLISHED as SIZE
from tests import ROOT
from tests.house.test_readme import PAGES, README, name_of

MADE = re.compile(r"<!-- (.*?), written by docs/generate\.py -->.*?<!-- end of \1 -->", re.DOTALL)
BLOCK = re.compile(r"```.*?```", re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
CITATION = re.compile(
    r"arXiv:[\d.]+|https?://[^\s)]+|\b(?:Cor|Thm|Prop)s?\. ?\d[\d.]*(?:(?:,| and) \d[\d.]*)*|\bCorollary [\d.]+"
    r"|\bO\d+(?:(?:,| to| and) O\d+)*|\b[A-Z]\w+ (?:et al\. )?20\d\d\b|<[^>]*>")
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)*(?:e[-+]?\d+)?(?:/\d+)?(?!\w)")
SPELT = re.compile(r"\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|fifty|sixty|"
                   r"hundred) (?:seconds?|minutes?|hours?|per ?cent|%|times as)\b")
LARGEST_COUNT = 4  # coefficients, exponents and counts up to this are no results: p^2, m = 1, three lines
TREES = {"derivations": ROOT / "derivations" / "rendered",
         "published-sizes": ROOT / "numerics/studies/published/results",
         "published-llc": ROOT / "numerics/studies/published/results/p53_K1024",
         "tracking": ROOT / "numerics/studies/tracking/results",
         "tracking-published": ROOT / "numerics/studies/tracking/results/published",
         "tracking-transformer": ROOT / "numerics/studies/tracking/results/transformer",
         "transition": ROOT / "numerics/studies/transition/results",
         "foresight": ROOT / "numerics/studies/foresight/results/seeds_0"}  # what docs/generated/ has of elsewhere


def of_the_code() -> Iterator[str]:
    """What pages say of the code, with the numbers that the code has."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    torch = re.search(r"torch>=([\d.]+)", str(project["optional-dependencies"]["numerics"]))[1]
    pinned = re.search(r"^torch==([\d.]+)", (ROOT / "constraints.txt").read_text(), re.MULTILINE)[1]
    hot, run = PUBLISHED["gamma 5"], RunSettings(p=SIZE.p, width=SIZE.width)
    off = wrong_value(Fraction(1)) - 1, 100 * (wrong_value(Fraction(20)) / 20 - 1)
    narrow, wide = (agreement(SimpleNamespace(mean=0, uncertainty=0), Fraction(x)).allowed for x in (0, 100))
    yield f"Python {re.search(r'[0-9.]+', project['requires-python'])[0]} or newer"
    yield f"torch ({torch} or newer)"
    yield f"from {torch} on that is already there"
    yield f"torch to {pinned}"
    yield f"stops at {LARGEST_DENSE} parameters"
    yield f"sampling at minima to {LARGEST_DENSE} parameters"
    yield f"Beyond {LARGEST_DENSE} parameters"
    yield f"certified up to {LARGEST_SPAN} equations"
    yield f"a value off by {off[0]} is rejected"
    yield f"a value off by {off[0]} ({off[1]} % above 10)"
    yield f"`u <= max({wide / 100:g} exact, {narrow:g})`"
    yield f"modulo `p = {SIZE.p}` with {SIZE.width} units"
    yield f"of {hot.burn_in} steps of burn-in and {hot.draws} draws, with `nbeta = {hot.nbeta:.1f}`"
    yield from (f"gamma {chain.gamma:g}" for chain in (PUBLISHED["gamma 100"], hot))
    yield f"learning rate {run.lr:g} and coupled weight decay {run.weight_decay:g} on batches of {run.batch}"
    yield f"from {100 * run.fraction:g} % of the pairs"
    yield f"a validation accuracy of {GENERALISED} for {HELD_FOR} of them"
    yield f"(exit {128 + signal.SIGINT}, {128 + signal.SIGTERM})"


# What neither has: the words, and why they may stand there.
QUOTED = {
    "a factor 1/2, the number of samples": "an example of a factor, no result",
}
SAID = [*of_the_code(), *QUOTED]


def typed(text: str, shown=lambda link: "") -> list[str]:
    """The sentences of a page with numbers in prose that nothing on the page, or behind a link beside them, has.

    ``shown(link)`` is what a link leads to that was computed. Left out are citations, counts and coefficients up to
    `LARGEST_COUNT`, and what docs/generate.py writes.
    """
    examples = set(NUMBER.findall("\n".join(BLOCK.findall(text))))
    found = []
    for paragraph in re.split(r"\n\s*\n|\n(?=[-*|] )", BLOCK.sub("", MADE.sub("", text))):
        known = examples | {x for link in LINK.findall(paragraph) for x in NUMBER.findall(shown(link))}
        words = CITATION.sub("", re.sub(r"\s+", " ", LINK.sub("]", paragraph)))
        for said in SAID:
            words = words.replace(said, "")
        found += [f"{x[0]}: ...{words[max(0, x.start() - 40):x.end() + 20]}" for x in NUMBER.finditer(words)
                  if x[0] not in known and not (x[0].isdigit() and int(x[0]) <= LARGEST_COUNT)]
        found += [x[0] for x in SPELT.finditer(words)]
    return found


def computed(page, link):
    """What is computed on the page that a link of ``page`` leads to: examples, what is generated, all of a report."""
    target = (page.parent / link.partition("#")[0]).resolve()
    folder = TREES.get(target.parent.name) if "generated" in target.parts else None
    if folder is not None:
        return (folder / target.name).read_text()
    if target.is_relative_to(ROOT / "derivations" / "rendered"):
        return target.read_text()
    if target in PAGES:
        text = target.read_text()
        return "\n".join(BLOCK.findall(text) + [x[0] for x in MADE.finditer(text)])
    return ""


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_number_is_typed(page):
    assert typed(page.read_text(), lambda link: computed(page, link)) == []


def test_what_is_said_of_the_code_is_said():
    everything = re.sub(r"\s+", " ", " ".join(LINK.sub("]", page.read_text()) for page in PAGES))
    assert [words for words in SAID if words not in everything] == []


@pytest.mark.parametrize("line", [
    "It takes 37 s.", "Here `lambda = 7/2` at that size.", "The error is 0.3 %.", "- It takes some four minutes.",
    f"`slt diagnose` stops at {LARGEST_DENSE + 1} parameters.", "See [the page](page.md): 8 of 9.",
    "```console\n$ slt at x\n  lambda = 3/2\n```\n\nSo it is 5/2."])
def test_a_typed_number_is_seen(line):
    assert typed(f"# A page\n\nWords.\n\n{line}\n", lambda link: "9")


@pytest.mark.parametrize("line", [
    "By Cor. 5.4 of Cullen et al. 2026 (arXiv:2603.01192), O62 to O65.", "`K(3p-1)/2` is wrong, `x^2` is not.",
    "```console\n$ slt at x\n  lambda = 3/2\n```\n\nSo it is `3/2`.", "See [the page](page.md): 8 of 9.",
    "<!-- a block, written by docs/generate.py -->\n37 s\n<!-- end of a block -->",
    f"`slt diagnose` stops at {LARGEST_DENSE} parameters."])
def test_what_is_computed_or_cited_is_let_through(line):
    assert typed(f"# A page\n\n{line}\n", lambda link: "8 9") == []


def test_an_edited_value_of_the_readme_is_seen():
    text = README.read_text()
    edited = text.replace("at most 29733", "at most 29734")
    assert edited != text
    assert typed(edited, lambda link: computed(README, link))
