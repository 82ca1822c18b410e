"""Results that are computed once: kept for their source, and made again when the file is damaged."""

import json
import math

import pytest

from slt_symbolic.storage import computed_once, read_result

SOURCE = {"plan": {"sizes": (1, 2)}, "bytes": 3}
RESULT = {"mean": 0.1, "draws": (1, 2), "rhat": math.inf, "none": None}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "deep" / "result.json"
    computed_once(path, SOURCE, lambda: RESULT)
    return path


def test_it_is_computed_once(path, capsys):
    kept = computed_once(path, SOURCE, lambda: pytest.fail("computed twice"))
    assert kept == {**RESULT, "draws": [1, 2]}
    assert capsys.readouterr().err == ""
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_what_is_computed_and_what_is_read_are_the_same(tmp_path):
    first = computed_once(tmp_path / "a.json", SOURCE, lambda: RESULT)
    assert first == computed_once(tmp_path / "a.json", SOURCE, dict)


def test_another_source_is_computed_anew(path, capsys):
    other = {**SOURCE, "bytes": 4}
    assert read_result(path, other) is None
    assert computed_once(path, other, lambda: {"mean": 2}) == {"mean": 2}
    assert read_result(path, SOURCE) is None
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("damage", [
    lambda text: text.replace("0.1", "0.2"), lambda text: text[: len(text) // 2], lambda text: "", lambda text: "[]",
    lambda text: '{"mean": 0.1}', lambda text: text.replace('"bytes": 3', '"bytes": 4'), lambda text: "\xff"])
def test_a_damaged_file_is_said_to_be_so_and_made_again(path, capsys, damage):
    path.write_bytes(damage(path.read_text()).encode("latin1"))
    assert computed_once(path, SOURCE, lambda: {"mean": 3}) == {"mean": 3}
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"{path} is damaged" in said
    assert json.loads(path.read_text())["result"] == {"mean": 3}


def test_what_fails_keeps_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError):
        computed_once(tmp_path / "a.json", SOURCE, lambda: {"mean": 1 / 0})
    assert not list(tmp_path.iterdir())
