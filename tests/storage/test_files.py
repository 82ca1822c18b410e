"""Files are written beside their place, through no link, and never half."""

import os
from pathlib import Path

import pytest

from slt_symbolic.errors import InvalidInput
from slt_symbolic.storage.files import UNFINISHED, remove_unfinished, subfolder, write_atomically, write_named
from slt_symbolic.storage.locks import results_folder


def test_text_is_utf8_whatever_the_locale(tmp_path):
    write_atomically(tmp_path / "a", "λ ≤ 1\n")
    assert (tmp_path / "a").read_bytes() == "λ ≤ 1\n".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_names_that_are_no_text_are_escaped(tmp_path, capfd):
    write_atomically(tmp_path / "a", "step_\udcff.pt λ\n")
    write_named(Path("/dev/stdout"), "step_\udcff.pt λ\n")
    assert (tmp_path / "a").read_text(encoding="utf-8") == capfd.readouterr().out == "step_\\udcff.pt λ\n"


def test_a_planted_link_is_replaced_and_not_followed(tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "a").symlink_to(victim)
    write_atomically(tmp_path / "a", "new")
    assert victim.read_text() == "precious"
    assert not (tmp_path / "a").is_symlink()
    assert (tmp_path / "a").read_text() == "new"


def test_an_interrupt_leaves_nothing(tmp_path, monkeypatch):
    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "a", "new")
    assert not list(tmp_path.iterdir())


def test_a_file_that_the_user_names_is_written_through_links_and_devices(tmp_path, capfd):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    write_named(tmp_path / "a", "new")
    assert (tmp_path / "a").is_symlink()
    assert (tmp_path / "b").read_text() == "new"
    write_named(Path("/dev/stdout"), "printed")
    assert capfd.readouterr().out == "printed"


def test_nobody_is_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="No such device"):
        write_named(tmp_path / "pipe", "new")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_named(tmp_path / "pipe", "read")
    assert os.read(reader, 10) == b"read"
    os.close(reader)


@pytest.mark.parametrize("name", ["a\0b", "loop", "a/" * 3000])
def test_names_that_no_file_can_have(tmp_path, name):
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OSError, match="name"):
        write_named(tmp_path / name, "new")
    with pytest.raises(InvalidInput, match="cannot be a folder to write in"), results_folder(tmp_path / name):
        pass


def test_folders_inside_are_made_but_not_the_folder_itself(tmp_path):
    assert subfolder(tmp_path, "a", "b") == tmp_path / "a" / "b"
    assert subfolder(tmp_path, "a", "b").is_dir()
    with pytest.raises(FileNotFoundError):
        subfolder(tmp_path / "gone", "a")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    with pytest.raises(InvalidInput, match="link: is a link"):
        subfolder(tmp_path, "link", "c")
    assert not (tmp_path / "a" / "c").exists()


def test_what_a_kill_left_is_removed_but_not_where_others_write(tmp_path):
    for place in (tmp_path, subfolder(tmp_path, "mine"), subfolder(tmp_path, "theirs")):
        (place / f".{16 * 'a'}{UNFINISHED}").touch()
        (place / f"thesis{UNFINISHED}.txt").touch()
        (place / f"thesis{UNFINISHED}").touch()
        (place / "kept").touch()
    (tmp_path / "theirs" / ".lock").touch()
    remove_unfinished(tmp_path, apart=".lock")
    left = [str(path.relative_to(tmp_path)) for path in tmp_path.rglob(f".*{UNFINISHED}")]
    assert left == [f"theirs/.{16 * 'a'}{UNFINISHED}"]
    assert len(list(tmp_path.rglob("thesis*"))) == 6
    assert len(list(tmp_path.rglob("kept"))) == 3


def test_a_folder_that_was_never_held_is_not_searched(tmp_path):
    """It may be the root of a disk, or hold what a program of somebody else's left."""
    ours = tmp_path / "deep" / f".{16 * 'a'}{UNFINISHED}"
    ours.parent.mkdir()
    ours.touch()
    with results_folder(tmp_path):
        assert ours.exists()
    with results_folder(tmp_path):
        assert not ours.exists()


@pytest.mark.parametrize("name", ["..", ".", "", "a/../..", "/", "a\0b"])
def test_no_name_leads_out_of_a_folder(tmp_path, name):
    (tmp_path / "results").mkdir()
    with pytest.raises(InvalidInput, match="is no name of a folder in"):
        subfolder(tmp_path / "results", "runs", name)
    assert subfolder(tmp_path / "results", "runs", "..a", "λ").is_dir()
