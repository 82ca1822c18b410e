"""The README is true: its console lines print what it shows, and its Python runs."""

import doctest
import re
import shlex
from contextlib import nullcontext

import pytest

from slt_symbolic.commands.main import main
from tests import ROOT
from tests.numerics.sweep.grids import Inline

README = (ROOT / "README.md").read_text()
CHECKER = doctest.OutputChecker()


def _console_examples():
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            marks = [pytest.mark.sampled] if re.match("slt (llc|sweep|grok) ", command) else []
            marks += [pytest.mark.long] if re.match("slt (sweep|llc quadratic-dead-unit) ", command) else []
            yield pytest.param(command, output, id=command, marks=marks)


EXAMPLES = list(_console_examples())


@pytest.fixture(autouse=True)
def _short_burn_in(monkeypatch):
    monkeypatch.setattr("numerics.estimation.estimate.BURN_IN", 200)


def test_there_are_examples():
    assert len(EXAMPLES) >= 4


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
    assert re.findall(r"```toml\n(.*?)```", README, re.DOTALL) == [(ROOT / "tests" / "data" / "sweep.toml").read_text()]


@pytest.mark.sampled
def test_python_examples():
    blocks = "\n".join(re.findall(r"```python\n(.*?)```", README, re.DOTALL))
    test = doctest.DocTestParser().get_doctest(blocks, {}, "README", "README.md", 0)
    assert test.examples
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    runner.run(test)
    assert runner.failures == 0
