"""What CONTRIBUTING.md says is there is there; the version is the same wherever it stands."""

import re
import tomllib

import pytest

from tests import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text()
PLACEHOLDERS = {"room/", "room/file.py", "derivations/module.py", "slt_symbolic/check/steps/name.py",
                "tests/check/steps/test_name.py"}


def test_every_path_exists():
    paths = set(re.findall(r"(?<![\w./])\w[\w.]*/[\w./]*", TEXT)) - PLACEHOLDERS
    assert len(paths) > 25
    bases = (ROOT, ROOT / "slt_symbolic")
    assert [path for path in sorted(paths) if not any((base / path).exists() for base in bases)] == []


@pytest.mark.parametrize(("name", "file"), [
    ("ROOMS", "tests/house/test_rooms.py"), ("CHECKS", "numerics/verification/checks.py"),
    ("WITHOUT_CHECK", "numerics/verification/checks.py"), ("STEPS", "slt_symbolic/check/steps/__init__.py"),
    ("WORDS", "slt_symbolic/rendering/explain.py"), ("NETWORKS", "numerics/networks/catalogue.py"),
    ("NETWORKS", "tests/numerics/losses/test_polynomial.py"),
    ("STEPS", "tests/numerics/sampling/test_known_posteriors.py"), ("Sampler", "numerics/estimation/settings.py"),
])
def test_what_is_to_be_added_to_is_there(name, file):
    assert f"`{name}" in TEXT
    assert re.search(rf"^{name}\b.* = ", (ROOT / file).read_text(), re.MULTILINE)


def test_one_version():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text()
