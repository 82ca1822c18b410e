"""The Python of the README and of docs/ is typed: the examples of a page, as one program, pass mypy, strictly."""

import doctest
import re
import subprocess
import sys
from pathlib import Path

from tests import ROOT
from tests.house.test_readme import WITH_PYTHON


def program(page: Path) -> str:
    """The statements of all Python examples of a page, without what they print."""
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
    return "".join(example.source for example in doctest.DocTestParser().get_examples("\n".join(blocks)))


def checked(tmp_path, *texts: str) -> subprocess.CompletedProcess:
    paths = [tmp_path / f"snippets_{number}.py" for number, _ in enumerate(texts)]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    return subprocess.run([sys.executable, "-m", "mypy", "--config-file", ROOT / "pyproject.toml", *paths], cwd=ROOT,
                          capture_output=True, text=True, check=False)


def test_the_examples_are_typed(tmp_path):
    found = checked(tmp_path, *map(program, WITH_PYTHON))
    assert found.returncode == 0, found.stdout


def test_a_wrong_type_is_seen(tmp_path):
    found = checked(tmp_path, "from slt_symbolic import closed_form\nclosed_form(5)\n")
    assert found.returncode == 1
    assert "arg-type" in found.stdout
