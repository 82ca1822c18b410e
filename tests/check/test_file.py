"""The reading of a certificate's file."""

import os
import tempfile
from pathlib import Path

from slt_symbolic.check.budget import OverBudget
from slt_symbolic.check.file import LARGEST_FILE, read_certificate
from tests.check.tables import Accepted, Denied, rows


def _read(text, size=0):
    """The data of a file with this text; filled up to a size without using the disk."""
    def run():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "certificate.json"
            with path.open("w") as file:
                file.write(text)
                file.truncate(max(size, len(text)))
            return read_certificate(path)
    return run


def _unwritten():
    """What a pipe says into which nobody has written yet."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pipe"
        os.mkfifo(path)
        writer = os.open(path, os.O_RDWR)
        try:
            return read_certificate(path)
        finally:
            os.close(writer)


ACCEPTED = [Accepted("a table", _read('{"a": [1, -2, "1/2", null, true]}'), {"a": [1, -2, "1/2", None, True]})]
REFUSED = [
    Denied("a key", _read('{"a": {"b": 1, "b": 1}}'), "a key is given twice in one object"),
    Denied("a constant", _read('{"a": NaN}'), "NaN is no number"),
    Denied("an integer", _read(f'[{"9" * 1002}]'), "a number of more than 1000 digits", OverBudget),
    Denied("depth", _read("[" * 10**5), "the data are nested too deeply", OverBudget),
    Denied("a pipe", _unwritten, "Expecting value", ValueError),
    Denied("size", _read("", LARGEST_FILE + 1), "a file of more than 67108864 bytes", OverBudget),
]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)
