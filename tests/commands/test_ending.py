"""How programs end: exit codes, one line, closed streams, signals."""

import json
import os
import pickle
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from slt_symbolic.check.algebra.grammar import TooLarge
from slt_symbolic.closed_forms.catalogue import UnknownEntry
from slt_symbolic.commands.arguments import print_json
from slt_symbolic.commands.ending import exit_code_of
from slt_symbolic.errors import Contradiction, InvalidInput
from slt_symbolic.storage.signals import Terminated

SLT = [sys.executable, "-m", "slt_symbolic"]


@pytest.mark.parametrize("error", [
    InvalidInput("a\n", "b", "c"), UnknownEntry("a", "b", "c"), TooLarge("a", "b", "c"), Contradiction("a", "b", "c")])
def test_what_is_raised_in_a_worker_is_the_same_in_its_parent(error):
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
    assert str(error).startswith("a")


@pytest.mark.parametrize(("error", "code", "line"), [
    (InvalidInput("a", "b", "c"), 2, "error: a: b; try c"),
    (Contradiction("a", "b", "c"), 1, "contradiction: a at b: c"),
    (OSError(28, "No space left on device"), 2, "error: output: cannot be read or written (No space left on device)"),
    (OSError(2, "No such file", "x"), 2, "error: x: cannot be read or written (No such file)"),
    (OSError(2, "No such file", "x\n\x1b" + 300 * "y"), 2, "error: x\\n\\x1b" + 190 * "y" + "...: "
     "cannot be read or written (No such file)"),
    (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"), 2,
     "error: the memory of this machine is too small; try smaller sizes"),
    (MemoryError(), 2, "error: the memory of this machine is too small; try smaller sizes"),
    (KeyboardInterrupt(), 130, "interrupted; what was done is kept: the same command goes on"),
    (Terminated(), 143, "terminated; what was done is kept: the same command goes on"), (BrokenPipeError(), 0, "")])
def test_each_end_has_its_code_and_its_line(capsys, monkeypatch, error, code, line):
    def work():
        raise error

    monkeypatch.setattr("slt_symbolic.commands.ending._discard", lambda _: None)  # it would close pytest's own
    assert exit_code_of(work, resumes=True) == code
    assert capsys.readouterr().err == (f"{line}\n" if line else "")


def test_an_error_of_ours_is_not_hidden():
    def work():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        exit_code_of(work)


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-", "> /dev/full", "2> /dev/full"])
@pytest.mark.parametrize("line", ["list", pytest.param("at quadratic-generic d=0 p=1 K=1", marks=pytest.mark.long)])
def test_closed_and_full_streams(closed, line):
    command = ["bash", "-c", f"{' '.join(SLT)} {line} {closed}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == (2 if "d=0" in line or closed == "> /dev/full" else 0)
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") <= 1


def test_a_file_takes_no_closed_stream_s_place(tmp_path):
    """With stdout closed the first file that is opened would be file 1, and what is printed would end in it."""
    path = tmp_path / "c.json"
    subprocess.run(["bash", "-c", f"{' '.join(SLT)} rlct x^2 --certificate {path} >&-"], check=True)
    assert json.loads(path.read_text())["germ"]["generators"] == ["x^2"]


def wait_for_handlers(pid):
    """Until the program is past its imports and catches SIGTERM."""
    until = time.monotonic() + 300
    while time.monotonic() < until:
        caught = re.search(r"^SigCgt:\s*(\w+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
        if int(caught[1], 16) >> signal.SIGTERM - 1 & 1:
            return
        time.sleep(0.05)
    raise TimeoutError(pid)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="asks Linux what is caught")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_in_one_line(number, code):
    with subprocess.Popen([*SLT, "rlct", "(x+y+z)^6*(x-y)^5+w^7*x^3+z^9*y*w", "x^5*y^3*z-w^6", "--timeout", "60"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        wait_for_handlers(process.pid)
        process.send_signal(number)
        _, err = process.communicate()
    assert (process.returncode, err) in [(code, {130: "interrupted\n", 143: "terminated\n"}[code]), (0, "")]


def test_a_signal_while_the_command_line_is_read_ends_as_any_other(tmp_path):
    """argparse keeps `nargs` of each argument aside and puts all back in the end, also what it has not kept."""
    (tmp_path / "program.py").write_text(
        "import argparse, os, signal\nfrom slt_symbolic.commands.main import main\n"
        "sent = []\ndef kept(action, name, value):\n    if name == 'save_nargs' and not sent:\n"
        "        sent.append(1)\n        os.kill(os.getpid(), signal.SIGTERM)\n"
        "    object.__setattr__(action, name, value)\n"
        "argparse._StoreAction.__setattr__ = kept\nraise SystemExit(main(['at', 'quadratic-ntk', 'r=3']))\n")
    done = subprocess.run([sys.executable, "-m", "program"], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) in [(143, "terminated\n"), (0, "")]  # 0: an argparse that keeps nothing


def test_an_interrupt_amid_exec_ends_as_any_other(tmp_path):
    (tmp_path / "program.py").write_text(
        "import os, signal\nfrom slt_symbolic.commands.ending import run_program\n"
        "raise SystemExit(run_program(lambda: exec('os.kill(os.getpid(), signal.SIGINT)')))\n")
    done = subprocess.run([sys.executable, "-m", "program"], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (130, "interrupted\n")


def test_an_interrupt_during_imports_is_no_traceback(tmp_path):
    script = tmp_path / "slt"
    script.write_text("import sys\nclass Finder:\n    def find_spec(self, name, path, target=None):\n"
                      "        if name == 'sympy':\n            raise KeyboardInterrupt\n"
                      "sys.meta_path.insert(0, Finder())\nimport slt_symbolic\n")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    assert (done.returncode, done.stderr) == (130, "interrupted\n")
    module = tmp_path / "module"  # as Python names it until it has found it
    module.write_text(f"import sys\nsys.argv[0] = '-m'\n{script.read_text()}")
    done = subprocess.run([sys.executable, str(module)], capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    assert (done.returncode, done.stderr) == (130, "interrupted\n")
    other = tmp_path / "notebook"
    other.write_text(script.read_text())
    done = subprocess.run([sys.executable, str(other)], capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    assert "KeyboardInterrupt" in done.stderr


def test_what_is_not_finite_is_null(capsys):
    print_json({"a": float("nan"), "b": [float("inf"), 1.5], "c": {"d": (-float("inf"), 2)}})
    assert json.loads(capsys.readouterr().out) == {"a": None, "b": [None, 1.5], "c": {"d": [None, 2]}, "schema": 1}
