"""Checkpoints: what was saved comes back, or is known to be damaged; a failed write loses nothing."""

import errno
import os

import numpy as np
import pytest

from slt_symbolic.errors import InvalidInput
from slt_symbolic.storage.checkpoints import FRESH, LATEST, PREVIOUS, load, packed, save
from slt_symbolic.storage.files import write_atomically


def saved(folder, *values):
    for value in values:
        save(folder, {"x": np.array([value])})


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
    with pytest.raises(OSError, match="No space left"):
        write_atomically(tmp_path / LATEST, b"new")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_packing_does_not_depend_on_the_time(monkeypatch):
    arrays = {"x": np.arange(3), "name": np.array("add")}
    first = packed(arrays)
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert packed(arrays) == first
