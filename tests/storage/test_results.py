"""Results that are computed once: kept for their source, and made again when the file is damaged."""

import json
import math
import sys

import numpy as np
import pytest

from slt_symbolic.errors import InvalidInput
from slt_symbolic.storage import computed_once, read_result
from slt_symbolic.storage.results import versions

SOURCE = {"plan": {"sizes": (1, 2)}, "bytes": 3}
NAME = "deep/result.json"
RESULT = {"mean": 0.1, "draws": (1, 2), "rhat": math.inf, "none": None}


@pytest.fixture
def path(tmp_path):
    computed_once(tmp_path, NAME, SOURCE, lambda: RESULT)
    return tmp_path / NAME


def test_it_is_computed_once(path, capsys):
    kept = computed_once(path.parents[1], NAME, SOURCE, lambda: pytest.fail("computed twice"))
    assert kept == {**RESULT, "draws": [1, 2]}
    assert capsys.readouterr().err == ""
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_versions_stand_beside_the_result(path):
    kept = json.loads(path.read_text())["versions"]
    assert kept == versions()
    assert kept["numpy"] == np.__version__
    assert sys.version.startswith(kept["python"])


def test_what_is_computed_and_what_is_read_are_the_same(tmp_path):
    first = computed_once(tmp_path, "a.json", SOURCE, lambda: RESULT)
    assert first == computed_once(tmp_path, "a.json", SOURCE, dict)


def test_another_source_is_computed_anew(path, capsys):
    other = {**SOURCE, "bytes": 4}
    assert read_result(path, other) is None
    assert computed_once(path.parents[1], NAME, other, lambda: {"mean": 2}) == {"mean": 2}
    assert read_result(path, SOURCE) is None
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("damage", [
    lambda text: text.replace("0.1", "0.2"), lambda text: text[: len(text) // 2], lambda text: "", lambda text: "[]",
    lambda text: '{"mean": 0.1}', lambda text: text.replace('"bytes": 3', '"bytes": 4'), lambda text: "\xff"])
def test_a_damaged_file_is_said_to_be_so_and_made_again(path, capsys, damage):
    path.write_bytes(damage(path.read_text()).encode("latin1"))
    assert computed_once(path.parents[1], NAME, SOURCE, lambda: {"mean": 3}) == {"mean": 3}
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"{path} is damaged" in said
    assert json.loads(path.read_text())["result"] == {"mean": 3}


def test_what_fails_keeps_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError):
        computed_once(tmp_path, "a.json", SOURCE, lambda: {"mean": 1 / 0})
    assert not list(tmp_path.iterdir())


def test_every_flipped_bit_is_noticed_or_harmless(path, capsys):
    """A flip in the blanks between the data changes nothing; every other is noticed."""
    content = path.read_bytes()
    noticed = 0
    for index in range(8 * len(content)):
        damaged = bytearray(content)
        damaged[index // 8] ^= 1 << index % 8
        path.write_bytes(damaged)
        found = read_result(path, SOURCE)
        noticed += found is None
        assert found in (None, {**RESULT, "draws": [1, 2]}), index
    assert noticed > 4 * len(content)
    assert "is damaged" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"[" * 10**5, b'{"checksum": 1e400, "source": [], "result": {}}', b"1" * 5000,
                                     b'{"checksum": "", "source": {}, "result": 7}', b"null", b'"\xff"'])
def test_odd_content_is_damage(path, capsys, content):
    path.write_bytes(content)
    assert read_result(path, SOURCE) is None
    assert "is damaged" in capsys.readouterr().err


def test_a_device_or_a_link_to_one_is_damage(path, capsys):
    path.unlink()
    path.symlink_to("/dev/zero")
    assert read_result(path, SOURCE) is None
    assert computed_once(path.parents[1], NAME, SOURCE, lambda: RESULT)["mean"] == RESULT["mean"]
    assert not path.is_symlink()
    assert "is damaged" in capsys.readouterr().err


def test_the_result_of_another_name_is_not_taken(tmp_path):
    """Also where the sources are the same."""
    for name in ("a.json", "b/a.json"):
        assert computed_once(tmp_path, name, {"p": 5}, lambda name=name: {"x": name}) == {"x": name}
    (tmp_path / "a.json").write_bytes((tmp_path / "b" / "a.json").read_bytes())
    assert computed_once(tmp_path, "a.json", {"p": 5}, lambda: {"x": "again"}) == {"x": "again"}
    assert computed_once(tmp_path, "b/a.json", {"p": 5}, pytest.fail) == {"x": "b/a.json"}


def test_a_folder_in_its_place_is_told_before_anything_is_computed(tmp_path):
    (tmp_path / "a.json").mkdir()
    with pytest.raises(InvalidInput, match=r"a.json: is a folder in the place of a result"):
        computed_once(tmp_path, "a.json", {}, pytest.fail)
    (tmp_path / "b.json").symlink_to(tmp_path / "a.json")  # what a rename replaces
    assert computed_once(tmp_path, "b.json", {}, lambda: {"x": 1}) == {"x": 1}


def test_nothing_is_kept_through_a_link(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "deep").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InvalidInput, match="is a link"):
        computed_once(tmp_path, NAME, SOURCE, lambda: RESULT)
    assert not list((tmp_path / "elsewhere").iterdir())
