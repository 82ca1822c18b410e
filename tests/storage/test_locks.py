"""A folder is written by one process at a time; a lock dies with its holder."""

import resource
import subprocess
import sys
import threading

import pytest

from slt_symbolic.errors import InvalidInput
from slt_symbolic.storage.locks import LOCK, results_folder

HOLD = """
import sys, time
from pathlib import Path
from slt_symbolic.storage.locks import results_folder
with results_folder(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    with subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_another_process_is_named_until_it_dies(tmp_path, holder):
    with pytest.raises(InvalidInput, match=rf"--out D: is being written \(process {holder.pid} on .*\); try another"), \
            results_folder(tmp_path, "--out D"):
        pass
    holder.kill()
    holder.wait()
    with results_folder(tmp_path) as folder:
        assert folder == tmp_path


def test_one_may_wait(tmp_path, holder):
    threading.Timer(0.5, holder.kill).start()
    with results_folder(tmp_path, wait=True):
        assert holder.wait() < 0


def test_a_folder_is_made(tmp_path):
    with results_folder(tmp_path / "a" / "b") as folder:
        assert folder.is_dir()


def test_what_cannot_be_written_is_said_first(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / LOCK).symlink_to(tmp_path / "victim")
    for place, why in ((tmp_path / "file", "File exists"), (tmp_path / "file" / "x", "Not a directory"),
                       ("/proc/x", "No such file"), (tmp_path / ("y" * 300), "File name too long"),
                       (tmp_path / "linked", "is a link")):
        with pytest.raises(InvalidInput, match=why), results_folder(tmp_path / place):
            pass
    assert not (tmp_path / "victim").exists()


def test_a_full_disk_is_told_with_the_folder(tmp_path):
    """Also where what could not be written would be tried again as the file is closed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with pytest.raises(InvalidInput, match=r"--out D: cannot be written \(File too large\)"), \
                results_folder(tmp_path, "--out D"):
            pass
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
