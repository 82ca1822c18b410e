"""Files of others are read only if they are files, of bounded size, depth and digits."""

import os

import pytest

from slt_symbolic.errors import InvalidInput
from slt_symbolic.storage.reading import given_json, given_text, given_toml


def given(path, content=None):
    if content is not None:
        path.write_bytes(content)
    return given_json(path, 1000, "pairs=F", "a list")


def test_json_comes_back(tmp_path):
    assert given(tmp_path / "a", b'[[0, 1], {"x": 2.5}]') == [[0, 1], {"x": 2.5}]
    assert given_text(tmp_path / "a", 1000, "F", "x").startswith("[[0")


def test_nothing_is_waited_for(tmp_path, monkeypatch):
    """Some files of the kernel are regular, and have nothing to say yet."""
    os.mkfifo(tmp_path / "pipe")
    writer = os.open(tmp_path / "pipe", os.O_RDWR)
    monkeypatch.setattr("stat.S_ISREG", lambda mode: True)
    with pytest.raises(InvalidInput, match="is not JSON"):
        given(tmp_path / "pipe")
    os.close(writer)


@pytest.mark.parametrize(("content", "why"), [
    (b"[" * 999, "is nested too deeply|is not JSON"), (b"", "is not JSON"), (b"\xff\xfe", "is not text in UTF-8"),
    (b" " * 1001, "has more than 1000 bytes"), (b"[1" + b"0" * 990 + b"0" * 5 + b"]", "pairs=F"),
    (b"NaNx", "is not JSON"), (b'[{"a": 1, "a": 2}]', "gives a key twice")])
def test_odd_content_is_one_line(tmp_path, content, why):
    if content.startswith(b"[1"):
        assert given(tmp_path / "a", content)[0] > 0
        return
    with pytest.raises(InvalidInput, match=why) as caught:
        given(tmp_path / "a", content)
    assert "\n" not in str(caught.value)


def test_deep_json_within_the_size_is_refused(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"[" * 10**5 + b"]" * 10**5)
    with pytest.raises(InvalidInput, match="nested too deeply"):
        given_json(path, 10**6, "F", "x")


def test_long_integers_are_refused(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"[" + b"9" * 1001 + b"]")
    with pytest.raises(InvalidInput, match="integer of more than 1000 digits"):
        given_json(path, 10**6, "F", "x")


def test_what_is_no_file_is_neither_read_nor_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for place, why in (("/dev/zero", "is no regular file"), (tmp_path / "pipe", "is no regular file"),
                       (tmp_path, "Is a directory|is no regular file"), (tmp_path / "gone", "No such file"),
                       (tmp_path / ("y" * 5000), "File name too long"), (tmp_path / "\0", "null")):
        with pytest.raises(InvalidInput, match=why):
            given(tmp_path / place)


@pytest.mark.parametrize(("text", "why"), [
    ("a = " + "[" * 10**4 + "]" * 10**4, "nested too deeply"), ("a." * 10**4 + "b = 1", "a key is nested too deeply"),
    ("a = 1\na = 2", "Cannot overwrite"), ("a = " + "9" * 5000, "is not TOML")])
def test_odd_toml_is_one_line(tmp_path, text, why):
    path = tmp_path / "a"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=why) as caught:
        given_toml(path, 10**6, "F", "x")
    assert "\n" not in str(caught.value)
    path.write_text("a = 1.5\n[b.c.d]\ne = [1]\n")
    assert given_toml(path, 100, "F", "x") == {"a": 1.5, "b": {"c": {"d": {"e": [1]}}}}
