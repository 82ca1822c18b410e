"""The README and the documentation are true: console lines print what is shown, and the Python runs."""

import doctest
import re
import shlex
import sys
from contextlib import nullcontext

import pytest

from slt_symbolic.commands.main import main
from tests import ROOT
from tests.numerics.sweep.grids import Inline

README = ROOT / "README.md"
GENERATED = (ROOT / "docs" / "generated", ROOT / "docs" / "_build")
PAGES = [README, *(path for path in sorted((ROOT / "docs").rglob("*.md"))
                   if not any(path.is_relative_to(folder) for folder in GENERATED))]
CHECKER = doctest.OutputChecker()
MARK = r"<!-- (.*), written by docs/generate\.py -->"
LONG = ("slt sweep", "slt track", "slt llc quadratic-dead-unit")


def name_of(page):
    return str(page.relative_to(ROOT))


def console_examples():
    for page in PAGES:
        for block in re.findall(r"```console\n(.*?)```", page.read_text(), re.DOTALL):
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, _, output = part.partition("\n")
                marks = [pytest.mark.sampled] if re.match("slt (llc|sweep|grok|track) ", command) else []
                marks += [pytest.mark.long] if command.startswith(LONG) else []
                yield pytest.param(command, output, id=f"{name_of(page)}: {command}", marks=marks)


EXAMPLES = list(console_examples())
WITH_PYTHON = [page for page in PAGES if "```python\n" in page.read_text()]


@pytest.fixture(autouse=True)
def _short_burn_in(monkeypatch):
    monkeypatch.setattr("numerics.estimation.estimate.BURN_IN", 200)


def test_there_are_examples():
    assert len(EXAMPLES) >= 20
    assert {"README.md", "docs/tutorials/measure-a-module.md"} <= set(map(name_of, WITH_PYTHON))


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    """Stands for /tmp: what one example writes another one reads."""
    return str(tmp_path_factory.mktemp("readme"))


@pytest.mark.parametrize(("command", "output"), EXAMPLES)
def test_console_example(command, output, scratch, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    if command.startswith("slt sweep"):
        monkeypatch.setattr("numerics.sweep.local.local", lambda workers: nullcontext(Inline()))
    command, output = (text.replace("/tmp/", f"{scratch}/") for text in (command, output))
    program, *arguments = shlex.split(command)
    assert program == "slt"
    code = main(arguments)
    captured = capsys.readouterr()
    printed = captured.err if code == 2 else captured.out  # progress on slow machines is no answer
    assert CHECKER.check_output(output, printed, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE), printed
    assert code == (2 if output.startswith("error") else 1 if "is wrong at" in output else 0)


def test_the_sweep_is_the_one_that_is_shown():
    shown = [block for page in PAGES for block in re.findall(r"```toml\n(.*?)```", page.read_text(), re.DOTALL)]
    assert shown == [(ROOT / "tests" / "data" / "sweep.toml").read_text()]


def test_the_table_of_the_readme_has_no_long_formula(generate):
    rows = generate.measured.block_of(README.read_text(), generate.CATALOGUE).splitlines()
    assert len(rows) > 20
    assert all(len(row.split(" | ")[1]) <= 200 for row in rows[2:])
    long = next(x for x in generate.closed_forms.values() if x.name == "quadratic-generic")
    assert len(generate.formula_of(long)) > generate.LONGEST
    assert generate.short_formula_of(long, "page.md") == "[by cases](page.md)"


def test_the_task_is_the_one_that_is_shown():
    shown = [block for page in PAGES for block in re.findall(r"```py\n(.*?)```", page.read_text(), re.DOTALL)]
    assert shown == [(ROOT / "tests" / "data" / "track" / "task.py").read_text()]


@pytest.mark.sampled
@pytest.mark.parametrize("page", WITH_PYTHON, ids=name_of)
def test_python_examples(page):
    blocks = "\n".join(re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL))
    test = doctest.DocTestParser().get_doctest(blocks, {}, page.stem, name_of(page), 0)
    assert test.examples
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    runner.run(test)
    assert runner.failures == 0


def test_the_readme_is_one_page():
    lines = README.read_text().splitlines()
    assert len(lines) <= 150
    assert README.read_text().count("## ") <= 10


@pytest.fixture
def generate(monkeypatch):
    """The program that writes what is generated."""
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    yield __import__("generate")
    for name in ("generate", "measured", "benchmarks"):
        sys.modules.pop(name)


def test_what_is_written_by_a_program_is_fresh(generate):
    found = list(generate.blocks())
    for page, name, block in found:
        assert generate.measured.block_of(page.read_text(), name) == block, (name_of(page), name)
        edited = generate.measured.with_block(page.read_text(), block.replace("e", "E", 1), name)
        assert generate.measured.with_block(edited, block, name) == page.read_text() != edited
    marked = [(name_of(page), name) for page in PAGES for name in re.findall(MARK, page.read_text())]
    assert sorted(marked) == sorted((name_of(page), name) for page, name, _ in found)


@pytest.mark.parametrize(("study", "sentences", "path"), [
    ("STUDY", "published", ("line", "slope")), ("STUDY", "answer", ("late", "generalised", "value")),
    ("TRACKING_FEW_PAIRS", "converged_chains", ("runs", 0, "rows", 0, "converged")),
    ("FORESIGHT", "foretells", ("default_alarm", "hits")),
    ("FORESIGHT", "foresight_answer", ("default_alarm", "never")),
    ("SIZES", "slopes", ("slopes", 0, "slope"))])
def test_sentences_have_the_numbers_of_their_study(generate, study, sentences, path):
    measured = generate.measured
    found, write = measured.results(getattr(measured, study)), getattr(measured, sentences)
    before, place = write(found), found
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] *= 2
    assert write(found) != before


def test_the_sentences_on_tracking_have_the_numbers_of_four_studies(generate):
    measured = generate.measured
    found = [measured.results(file) for file in (measured.TRACKING, measured.TRACKING_PUBLISHED,
                                                 measured.TRACKING_FEW_PAIRS, measured.TRACKING_TRANSFORMER)]
    small, large, few, transformer = (one["families"] for one in found)

    def told():
        return measured.tracking(*found) + measured.forecast(found[0], found[2])

    before = told()
    for row in (small["quadratic"]["measures"]["gamma 100"]["correlation"],
                small["quadratic"]["measures"]["gamma 5"]["forecast"],
                large["quadratic"]["measures"]["weight_norm"]["correlation"],
                few["quadratic"]["measures"]["gamma 5"]["correlation"],
                few["quadratic"]["measures"]["gamma 100"]["diagnosis"],
                transformer["transformer"]["all"]["measures"]["gamma 5"]["elsewhere"]):
        row["value"] -= 0.5
        after = told()
        assert after != before
        before = after


def links_of(page):
    """What a page refers to inside the checkout, without code."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(), flags=re.DOTALL)
    found = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|href)="([^"]+)"', text)
    return [link.partition("#")[0] for link in found if not re.match(r"[a-z]+:|#", link)]


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CONTRIBUTING.md"], ids=name_of)
def test_every_link_inside_resolves(page, generate):
    made = set(generate.GENERATED)
    for link in links_of(page):
        target = (page.parent / link).resolve()
        inside = target.relative_to(ROOT)
        rendered = ROOT / "derivations" / "rendered" / inside.name
        assert target.exists() or str(inside) in made or (
            inside.parent.name == "derivations" and rendered.exists()), link
