"""The maps in the README of each package: a line for every file, in the words of its docstring, and no other line."""

import ast
import re
from pathlib import Path

import pytest

from tests import ROOT

PACKAGES = ("slt_symbolic", "derivations", "numerics")
LINE = re.compile(r"^- `([^`]+)`: (.+)$", re.MULTILINE)


def words_of(path: Path) -> str:
    docstring = ast.get_docstring(ast.parse(path.read_text()))
    assert docstring, f"{path} has no docstring"
    return " ".join(docstring.split("\n\n")[0].split())


def lines_expected(package: str) -> set[tuple[str, str]]:
    folder = ROOT / package
    return {(str(path.relative_to(folder)), words_of(path)) for path in folder.rglob("*.py")
            if path.name not in ("__init__.py", "__main__.py")}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_file_has_its_line(package):
    found = LINE.findall((ROOT / package / "README.md").read_text())
    assert len(found) == len(set(found))
    assert set(found) == lines_expected(package)


@pytest.mark.parametrize("package", PACKAGES)
def test_lines_of_a_room_stand_together_in_the_order_of_names(package):
    text = (ROOT / package / "README.md").read_text().rstrip()
    for paragraph in text.split("\n\n"):
        if LINE.search(paragraph):
            found = LINE.findall(paragraph)
            assert len(found) == len(paragraph.split("\n"))
            assert found == sorted(found)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_room_is_named(package):
    text = (ROOT / package / "README.md").read_text()
    for init in (ROOT / package).rglob("*/__init__.py"):
        room = init.parent.relative_to(ROOT / package)
        assert f"**`{room}/`** {words_of(init)}" in text


def test_the_map_of_the_tests_names_every_folder():
    text = (ROOT / "tests" / "README.md").read_text()
    for folder in (ROOT / "tests").iterdir():
        if folder.is_dir() and folder.name != "__pycache__":
            assert f"`{folder.name}/`" in text
