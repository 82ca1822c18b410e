"""Worst days: kills at random moments, signals, two processes in one folder, flipped bits, full disks."""

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from slt_symbolic.commands.main import main
from tests.fuzz.attacks import jobs, run, state

TRIALS = int(os.environ.get("ATTACKS", "1"))  # of each kind; `make fuzz` takes more
SEED = int(os.environ.get("ATTACK_SEED", "0"))
WRITING = ("grok", "track", "sweep", "verify", "checkpoints", "export", "study")
WITHOUT_STATE = ("verify", "export")  # they begin anew


def each(long):
    """All jobs; a kind of attack is tried in CI on one of them."""
    return [pytest.param(name, marks=pytest.mark.long if name == long else pytest.mark.slow) for name in WRITING]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of each job, undisturbed, and how long it took."""
    place, done = tmp_path_factory.mktemp("whole"), {}

    def undisturbed(name):
        if name not in done:
            job, before = jobs(place)[name], time.monotonic()
            assert run(job, place / name).code == job.code
            done[name] = job, state(place / name), time.monotonic() - before
        return done[name]

    return undisturbed


def trials(name, kind):
    return [random.Random(f"{SEED}/{kind}/{name}/{number}") for number in range(TRIALS)]


@pytest.mark.parametrize("name", each("sweep"))
def test_killed_at_a_random_moment_it_ends_the_same(whole, tmp_path, name):
    job, expected, seconds = whole(name)
    for number, rng in enumerate(trials(name, "kill")):
        out = tmp_path / str(number)
        for _ in range(2):
            ended = run(job, out, kill=rng.uniform(0, seconds))
            assert ended.code in (job.code, -signal.SIGKILL)
            assert ended.orphans == ()
        ended = run(job, out)
        assert (ended.code, ended.orphans) == (job.code, ())
        assert state(out) == expected


@pytest.mark.parametrize("name", each("grok"))
@pytest.mark.parametrize(("number", "code", "word"), [
    (signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")], ids=["ctrl-c", "sigterm"])
def test_a_signal_ends_in_one_line_and_a_kept_state(whole, tmp_path, name, number, code, word):
    job, expected, seconds = whole(name)
    for trial, rng in enumerate(trials(name, word)):
        out = tmp_path / str(trial)
        ended = run(job, out, kill=rng.uniform(min(2, seconds / 2), seconds), number=number)
        assert ended.orphans == ()
        assert ended.code in (job.code, code, -number)  # before Python runs, it is the system's
        if ended.code == code:
            assert ended.err.splitlines()[-1].startswith(word)
            assert "Traceback" not in ended.err
            assert ("goes on" in ended.err) == (name not in WITHOUT_STATE)
        assert run(job, out).code == job.code
        assert state(out) == expected


@pytest.mark.parametrize("name", each("verify"))
def test_two_at_once_in_one_folder(whole, tmp_path, name):
    """One of them answers, or both, one after the other; what is there is that of an undisturbed run."""
    job, expected, _ = whole(name)
    for number, rng in enumerate(trials(name, "race")):
        out = tmp_path / str(number)
        with ThreadPoolExecutor(2) as pool:
            first = pool.submit(run, job, out)
            time.sleep(rng.uniform(0, 0.3))
            ended = [future.result() for future in (first, pool.submit(run, job, out))]
        assert sorted(one.code for one in ended) in ([job.code, job.code], [job.code, 2])
        for one in ended:
            assert one.code == job.code or ("is being written (process" in one.err and one.err.count("\n") == 1)
        assert state(out) == expected


@pytest.mark.long
def test_two_runs_with_different_seeds_do_not_mix(tmp_path):
    small = ["grok", "--p", "5", "--width", "6", "--epochs", "40", "--no-track", "--out", str(tmp_path / "out")]
    started = [subprocess.Popen([sys.executable, "-m", "slt_symbolic", *small, "--seed", str(seed)],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for seed in (1, 2)]
    ended = [(process.communicate()[1], process.returncode) for process in started]
    assert sorted(code for _, code in ended) == [0, 2]
    assert all(code == 0 or "is being written" in err or "holds a run with seed" in err for err, code in ended)


def test_one_flipped_bit_in_every_file_of_a_run_is_noticed_or_mended(tmp_path, capsys):
    """Each file once, a random bit: started again, the run says what is damaged, or leaves what it would have left."""
    command = ["grok", "--p", "5", "--width", "6", "--epochs", "30", "--no-track", "--out", str(tmp_path)]
    assert main(command) == 0
    rng, counts = random.Random(SEED), {"noticed": 0, "mended": 0, "harmless": 0}
    files = {path: path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()}
    before = state(tmp_path)
    for _ in range(TRIALS):
        for path, content in files.items():
            if not content:
                continue
            flip(path, rng)
            changed = _differs(tmp_path, before)
            capsys.readouterr()
            code = main(command)
            said = capsys.readouterr().err
            if said:
                assert code in (0, 2), said
                counts["noticed"] += 1
            else:
                assert code == 0
                assert state(tmp_path) == before, path
                counts["mended" if changed else "harmless"] += 1
            for kept, old in files.items():
                kept.write_bytes(old)
    assert counts["noticed"] >= TRIALS * len(list((tmp_path / "snapshots").rglob("*.npz"))) // 2
    assert counts["mended"] >= TRIALS


def test_a_snapshot_in_the_place_of_another_is_noticed_and_not_measured(tmp_path, capsys):
    """Of another epoch, of another seed, of a run with other settings; what says nothing of its origin is taken."""
    def command(name, *more):
        small = ["grok", "--p", "3", "--width", "2", "--epochs", "2", "--seeds", "2"]
        return [*small, "--out", str(tmp_path / name), *more]

    assert main(command("run", "--no-track")) == main(command("other", "--no-track", "--lr", "0.01")) == 0
    run = tmp_path / "run"
    place, later, sibling = (run / "snapshots" / name for name in (
        "seed_0/epoch_000000.npz", "seed_0/epoch_000001.npz", "seed_1/epoch_000000.npz"))
    for wrong in (later, sibling, tmp_path / "other" / place.relative_to(run)):
        place.write_bytes(wrong.read_bytes())
        capsys.readouterr()
        assert main(command("run", "--no-track")) == 0
        assert f"note: {place} holds the network of seed" in capsys.readouterr().err
    assert main(command("run", "--snapshots", "2", "--draws", "20")) == 0
    assert f"note: {place} holds the network of seed" in capsys.readouterr().err.splitlines()[-1]
    assert len(state(run)["tracking.json"]["snapshots"]) == 3
    with np.load(later) as loaded:
        np.savez(place, **{name: loaded[name] for name in loaded.files if name != "origin"})
    assert main(command("run", "--no-track")) == 0
    assert capsys.readouterr().err == ""


def _differs(folder: Path, before: dict) -> bool:
    try:
        return state(folder) != before
    except Exception:  # no longer a file of its kind
        return True


def flip(path, rng):
    content = bytearray(path.read_bytes())
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(content)


@pytest.mark.parametrize("name", [pytest.param("track", marks=pytest.mark.slow),
                                  pytest.param("sweep", marks=pytest.mark.long)])
def test_one_flipped_bit_in_a_kept_measurement_is_noticed_or_harmless(whole, tmp_path, name):
    job, expected, _ = whole(name)
    assert run(job, tmp_path).code == 0
    rng = random.Random(SEED)
    kept = [path for path in sorted(tmp_path.rglob("*.json"))
            if path.name == "cell.json" or "tracking" in path.relative_to(tmp_path).parts]
    for path in rng.sample(kept, min(len(kept), 2 * TRIALS)):
        content = path.read_bytes()
        flip(path, rng)
        ended = run(job, tmp_path)
        assert ended.code == 0
        assert f"{path.name} is damaged" in ended.err or path.read_bytes() != content or state(tmp_path) == expected
        assert state(tmp_path) == expected


@pytest.mark.parametrize("line", ["list", pytest.param("at quadratic-generic d=4 p=3 K=5", marks=pytest.mark.long),
                                  pytest.param("rlct x^2 y^3", marks=pytest.mark.long),
                                  pytest.param("grok --p 5 --width 6 --epochs 3 --out {out}", marks=pytest.mark.long)])
def test_files_may_not_grow(tmp_path, line):
    """As on a full disk: no traceback, and the command says why."""
    done = subprocess.run(["bash", "-c", f"ulimit -f 1; {sys.executable} -m slt_symbolic "
                           f"{line.format(out=tmp_path / 'out')} --json > {tmp_path / 'answer'}"
                           if "--out" not in line else
                           f"ulimit -f 0; {sys.executable} -m slt_symbolic {line.format(out=tmp_path / 'out')}"],
                          capture_output=True, text=True, check=False)
    assert done.returncode in (0, 2)
    assert "Traceback" not in done.stderr
    assert done.returncode == 0 or done.stderr.startswith("error: ")


@pytest.mark.slow
@pytest.mark.parametrize("megabytes", [400, 700, 1200, 3000])
@pytest.mark.parametrize("line", ["at quadratic-generic d=4 p=3 K=5", "grok --p 5 --width 6 --epochs 3 --out {out}"])
def test_little_memory_is_no_traceback(tmp_path, megabytes, line):
    """Where Python itself or a library ends the process there is nothing to say."""
    done = subprocess.run(["bash", "-c", f"ulimit -v {1024 * megabytes}; {sys.executable} -m slt_symbolic "
                           f"{line.format(out=tmp_path / 'out')}"], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
