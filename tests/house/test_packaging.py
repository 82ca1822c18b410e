"""The wheel stands alone: unpacked into an empty folder, every command runs from it, without this checkout."""

import ast
import json
import os
import shutil
import subprocess
import sys
import zipfile
from email.parser import Parser
from importlib.metadata import version
from pathlib import Path

import pytest

import slt_symbolic
from slt_symbolic.commands.main import registered
from tests import ROOT

PACKAGES = ("slt_symbolic", "derivations", "numerics")
# An editable install, and the checkout in the working directory, would lend the wheel what it lacks.
START = """
import sys
folder, checkout, program, *arguments = sys.argv[1:]
sys.path[:] = [folder, *(entry for entry in sys.path if entry not in ("", checkout))]
sys.meta_path[:] = [finder for finder in sys.meta_path if "editable" not in getattr(finder, "__module__", "")]
sys.argv[1:] = arguments
try:
    exec(program)
finally:
    for name, loaded in list(sys.modules.items()):
        if name.partition(".")[0] in ("slt_symbolic", "derivations", "numerics"):
            assert loaded.__file__.startswith(folder), loaded.__file__
"""
SLT = "from slt_symbolic.commands.main import main; raise SystemExit(main(sys.argv[1:]))"
EVERY_HELP = """
from slt_symbolic.commands.main import main, registered
assert not main([])
for name in registered():
    assert not main([name, "--help"])
"""
EXPORT_OF_ONE_ENTRY = """
import derivations.commands as commands
from slt_symbolic.commands.main import main
commands.closed_forms = {"quadratic-ntk": commands.closed_forms["quadratic-ntk"]}
commands.derivations = {"quadratic-ntk": commands.derivations["quadratic-ntk"]}
raise SystemExit(main(["export", "--out", "out"]))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The unpacked wheel, built from a copy: a build leaves files beside the sources that go into the next one."""
    copy, built, unpacked = (tmp_path_factory.mktemp(name) for name in ("copy", "built", "unpacked"))
    for package in PACKAGES:
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, copy)
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index",
                    "--wheel-dir", built, copy], check=True, capture_output=True)
    (file,) = built.iterdir()
    with zipfile.ZipFile(file) as archive:
        archive.extractall(unpacked)
    return unpacked


def run(wheel: Path, cwd: Path, program: str, *arguments: str) -> str:
    """What a program prints that finds the packages in the wheel alone."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([sys.executable, "-c", START, wheel, ROOT, program, *arguments], cwd=cwd, text=True,
                          env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_command_says_what_it_takes(wheel, tmp_path):
    printed = run(wheel, tmp_path, EVERY_HELP)
    for name in registered():
        assert f"\n  {name} " in printed  # in the overview
        assert f"usage: slt {name} " in printed


@pytest.mark.parametrize("module", ["derivations", *(
    pytest.param(f"numerics.studies.{study}", marks=pytest.mark.long)
    for study in ("foresight", "published", "tracking", "transition"))])
def test_every_module_that_runs_says_what_it_takes(wheel, tmp_path, module):
    program = f"import runpy; runpy.run_module({module!r}, run_name='__main__', alter_sys=True)"
    assert run(wheel, tmp_path, program, "--help").startswith(f"usage: python -m {module}")


@pytest.mark.long
def test_entries(wheel, tmp_path):
    assert "quadratic-generic" in run(wheel, tmp_path, SLT, "list")
    answer = json.loads(run(wheel, tmp_path, SLT, "at", "quadratic-generic", "d=4", "p=3", "K=5", "--json"))
    assert answer["lambda"] == "29/2"


@pytest.mark.long
def test_a_certificate_is_written_and_checked_by_both_checkers(wheel, tmp_path):
    assert "lambda = 5/12" in run(wheel, tmp_path, SLT, "rlct", "x^2 - y^3", "--certificate", "cusp.json")
    assert "certificate accepted" in run(wheel, tmp_path, SLT, "check", "cusp.json")
    subprocess.run([sys.executable, "-I", "-S", wheel / "slt_symbolic" / "recheck.py", "cusp.json"], cwd=tmp_path,
                   check=True, capture_output=True)


def test_export(wheel, tmp_path):
    run(wheel, tmp_path, EXPORT_OF_ONE_ENTRY)  # the whole catalogue takes half a minute and reads no other file
    written = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert written >= {"catalogue.json", "catalogue.schema.json", "certificates/recheck.py", "certificates/FORMAT.md",
                       "derivations/quadratic-ntk.md", "derivations/index.html", "index.html", "atlas.js", "atlas.css",
                       "entries/quadratic-ntk.html"}


def _files_that_code_opens():
    """Each path that a module makes from ``__file__``; only constants are seen, so that it is refused elsewhere."""
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        tree = ast.parse(path.read_text())
        constants = [node.value for node in tree.body if isinstance(node, ast.Assign) and _uses_of_file(node)]
        assert sum(map(_uses_of_file, constants)) == _uses_of_file(tree), path
        for value in constants:
            code = compile(ast.Expression(value), str(path), "eval")
            yield eval(code, {"Path": Path, "__file__": str(path)}).relative_to(ROOT)


def _uses_of_file(tree):
    return sum(isinstance(node, ast.Name) and node.id == "__file__" for node in ast.walk(tree))


def test_what_the_code_opens_beside_itself_is_in_the_wheel(wheel):
    opened = list(_files_that_code_opens())
    assert len(opened) >= 4
    assert [path for path in opened if not (wheel / path).is_file()] == []


def test_schemas_and_types_are_in_the_wheel_and_figures_are_not(wheel):
    names = {path.relative_to(wheel) for path in wheel.rglob("*")}
    assert {Path(package) / "py.typed" for package in PACKAGES} <= names
    assert {path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*.schema.json")} <= names
    assert Path("numerics/studies/foresight/results/seeds_0/study.json") in names
    trajectories = Path("numerics/studies/authors")  # which a study reads
    assert not [path for path in names if path.suffix in (".png", ".csv") and path.parent != trajectories]
    assert not (wheel / "tests").exists()


def test_metadata(wheel):
    (folder,) = wheel.glob("slt_symbolic-*.dist-info")
    metadata = Parser().parsestr((folder / "METADATA").read_text())
    core = {line.split(">")[0] for line in metadata.get_all("Requires-Dist") if "extra ==" not in line}
    assert core == {"sympy", "mpmath", "numpy", "python-flint", "networkx"}
    assert metadata.get_all("Provides-Extra") == ["numerics", "cluster", "arviz", "pages", "testing", "dev", "all"]
    (torch,) = (line for line in metadata.get_all("Requires-Dist") if line.startswith("torch"))
    assert torch.startswith("torch>=")  # a range, to be installed beside other people's work
    assert "\ntorch==" in (ROOT / "constraints.txt").read_text()


def test_the_version_is_the_one_that_is_installed():
    assert slt_symbolic.__version__ == version("slt-symbolic")


def without(*names: str, code: str) -> subprocess.CompletedProcess[str]:
    """Run code where these modules are not installed."""
    blocked = f"import sys; sys.modules.update(dict.fromkeys({names!r})); "
    return subprocess.run([sys.executable, "-c", blocked + code], capture_output=True, text=True, check=False)


def test_numerics_without_torch_is_one_line_when_a_name_is_used():
    done = without("torch", code="import numerics; print('fine'); numerics.llc")
    assert done.stdout == "fine\n"
    assert done.stderr.splitlines()[-1] == (
        "ModuleNotFoundError: numerics.llc: needs the numerics extra (torch is not installed); try pip install "
        "'slt-symbolic[numerics]', or pip install '.[numerics]' in a checkout")


WITHOUT_EXTRAS = """
from slt_symbolic.commands.main import main
from derivations.__main__ import main as derive
for arguments in [], ["list"], ["show", "quadratic-ntk"], ["rlct", "x^2 - y^3"], ["completion", "bash"]:
    assert not main(arguments)
sys.exit(derive(["quadratic-ntk", "--out", "pages"]))
"""


def test_without_extras_the_core_is_complete_and_the_derivations_lack_their_pages(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = without("torch", "scipy", "matplotlib", "joblib", "tqdm", "tabulate", "arviz_stats", "distributed",
                   "markdown_it", "mdit_py_plugins", "latex2mathml", "hypothesis", "pytest", code=WITHOUT_EXTRAS)
    assert done.returncode == 0
    assert done.stderr.startswith("pages: Markdown only; the pages extra adds HTML (markdown_it")
    assert done.stderr.endswith(": pip install 'slt-symbolic[pages]', or pip install '.[pages]' in a checkout\n")
    assert done.stderr.count("\n") == 1
    assert {path.name for path in (tmp_path / "pages").glob("[!.]*")} == {
        "quadratic-ntk.md", "index.md", "scopes.json"}
