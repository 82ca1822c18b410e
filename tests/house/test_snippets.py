"""The README's Python is typed: its examples, as one program, pass mypy as strictly as the packages do."""

import doctest
import re
import subprocess
import sys

from tests import ROOT


def program() -> str:
    """The statements of all Python examples of the README, without what they print."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    return "".join(example.source for example in doctest.DocTestParser().get_examples("\n".join(blocks)))


def checked(tmp_path, text: str) -> subprocess.CompletedProcess:
    path = tmp_path / "snippets.py"
    path.write_text(text)
    return subprocess.run([sys.executable, "-m", "mypy", "--config-file", ROOT / "pyproject.toml", path], cwd=ROOT,
                          capture_output=True, text=True, check=False)


def test_the_examples_are_typed(tmp_path):
    found = checked(tmp_path, program())
    assert found.returncode == 0, found.stdout


def test_a_wrong_type_is_seen(tmp_path):
    found = checked(tmp_path, program() + "\nclosed_form(5)\n")
    assert found.returncode == 1
    assert "arg-type" in found.stdout
