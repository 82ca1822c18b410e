"""Checkpoints: what was saved comes back, or is known to be damaged; a failed write loses nothing."""

import errno
import io
import os
import random

import numpy as np
import pytest

from slt_symbolic.errors import InvalidInput
from slt_symbolic.storage import checkpoints
from slt_symbolic.storage.checkpoints import FRESH, LATEST, PREVIOUS, Damaged, packed, save
from slt_symbolic.storage.files import write_atomically

SETTINGS = {"p": 5, "seed": 0}


def saved(folder, *values):
    for value in values:
        save(folder, {"x": np.array([value])}, SETTINGS)


def load(folder, settings=SETTINGS, read=dict):
    return checkpoints.load(folder, settings, read)


def pickled(array):
    buffer = io.BytesIO()
    np.savez(buffer, x=array)
    return buffer.getvalue()


def test_the_latest_comes_back(tmp_path):
    assert load(tmp_path) == (None, None)
    saved(tmp_path, 1, 2, 3)
    arrays, problem = load(tmp_path)
    assert (arrays["x"].tolist(), problem) == ([3], None)
    assert sorted(path.name for path in tmp_path.iterdir()) == [LATEST, PREVIOUS]


@pytest.mark.parametrize("damage", [
    lambda content: content[:-1], lambda content: b"", lambda content: content[:100],
    lambda content: content[:90] + bytes([content[90] ^ 1]) + content[91:]], ids=["short", "empty", "cut", "bit"])
def test_a_damaged_checkpoint_falls_back_to_the_previous_one(tmp_path, damage):
    saved(tmp_path, 1, 2)
    path = tmp_path / LATEST
    path.write_bytes(damage(path.read_bytes()))
    arrays, problem = load(tmp_path)
    assert arrays["x"].tolist() == [1]
    assert "is damaged" in problem
    assert "going on from checkpoint.previous" in problem
    (tmp_path / PREVIOUS).write_bytes(b"nothing")
    with pytest.raises(InvalidInput, match="is damaged"):
        load(tmp_path)


def test_a_kill_between_two_renames_is_no_damage(tmp_path):
    saved(tmp_path, 1, 2, 3)
    (tmp_path / LATEST).rename(tmp_path / FRESH)
    arrays, problem = load(tmp_path)
    assert (arrays["x"].tolist(), problem) == ([3], None)


def test_an_unreadable_checkpoint_is_named(tmp_path):
    saved(tmp_path, 1, 2)
    (tmp_path / LATEST).unlink()
    (tmp_path / LATEST).mkdir()
    arrays, problem = load(tmp_path)
    assert arrays["x"].tolist() == [1]
    assert "cannot be read" in problem


def test_a_full_disk_loses_nothing(tmp_path, monkeypatch):
    saved(tmp_path, 1, 2)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        saved(tmp_path, 3)
    with pytest.raises(OSError, match="No space left") as error:
        write_atomically(tmp_path / LATEST, b"new")
    assert error.value.filename == str(tmp_path / LATEST)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_packing_does_not_depend_on_the_time(monkeypatch):
    arrays = {"x": np.arange(3), "name": np.array("add")}
    first = packed(arrays)
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert packed(arrays) == first


def test_a_checkpoint_of_another_run_is_not_resumed(tmp_path):
    saved(tmp_path, 1)
    with pytest.raises(InvalidInput, match="belongs to a run with other settings"):
        load(tmp_path, {"p": 5, "seed": 7})


def test_arrays_that_are_not_those_of_a_run_are_named(tmp_path):
    saved(tmp_path, 1)
    with pytest.raises(InvalidInput, match="checkpoint has no 'weights'"):
        load(tmp_path, read=lambda arrays: arrays["weights"])

    def refuse(arrays):
        raise Damaged(f"has x of shape {arrays['x'].shape}")

    with pytest.raises(InvalidInput, match=r"checkpoint has x of shape \(1,\)"):
        load(tmp_path, read=refuse)


@pytest.mark.parametrize("inside", [b"", b"no arrays", pickled(np.array([print, {}], dtype=object))],
                         ids=["empty", "text", "objects"])
def test_a_right_checksum_of_something_else_is_no_traceback(tmp_path, monkeypatch, inside):
    monkeypatch.setattr(checkpoints, "packed", lambda _: inside)
    saved(tmp_path, 1)
    with pytest.raises(InvalidInput, match="holds no plain arrays"):
        load(tmp_path)


def test_every_flipped_bit_is_noticed(tmp_path):
    """SHA-256 sees each of them; in the header too, where it is the hash or the version that is wrong."""
    saved(tmp_path, 1)
    path = tmp_path / LATEST
    content = path.read_bytes()
    for index in random.Random(0).sample(range(8 * len(content)), 300):
        damaged = bytearray(content)
        damaged[index // 8] ^= 1 << index % 8
        path.write_bytes(damaged)
        with pytest.raises(InvalidInput, match=r"is damaged|another version|other settings"):
            load(tmp_path)
