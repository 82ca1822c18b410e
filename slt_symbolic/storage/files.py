"""Files that a kill or a full disk cannot damage, in folders that no link leads out of.

A file is written beside its place, flushed to the disk, and only then renamed into it: at any moment its place holds
the old content or the new one, complete.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from slt_symbolic.errors import InvalidInput

UNFINISHED = ".unfinished"  # how names of files end that are being written
OURS = re.compile(rf"\.[0-9a-f]{{16}}{re.escape(UNFINISHED)}")  # a user may have files that end so


def write_atomically(path: Path, content: bytes | str) -> None:
    """Replace the file by ``content``, text as UTF-8, or leave it as it was and raise `OSError`, which names it.

    A link in its place is replaced and not followed. Surrogates, of names of files that are not UTF-8, are escaped.
    """
    beside = path.with_name(f".{secrets.token_hex(8)}{UNFINISHED}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content.encode(errors="backslashreplace") if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException as error:
        beside.unlink(missing_ok=True)  # what is left of it would fill the disk
        if isinstance(error, OSError):
            raise OSError(error.errno, error.strerror, str(path)) from None
        raise
    sync_folder(path.parent)


def write_named(path: Path, content: str) -> None:
    """Write a file that the user names: through a link of theirs, and into a device. Raises `OSError`."""
    with nameable(path):
        if path.is_relative_to("/dev") or (path.exists() and not path.is_file()):
            descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK)  # a pipe that nobody reads is not waited for
            os.set_blocking(descriptor, True)
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(content)
        else:
            write_atomically(path.resolve(), content)


@contextmanager
def nameable(path: Path) -> Iterator[None]:
    """Turn what Python raises about names that no file can have into `OSError`: a NUL, a loop, endless parents."""
    try:
        yield
    except (ValueError, RuntimeError) as error:
        why = "too many folders inside each other" if isinstance(error, RecursionError) else str(error)
        raise OSError(errno.EINVAL, f"no file can have this name: {why}", str(path)) from None


def subfolder(folder: Path, *names: str) -> Path:
    """The folder at ``names`` inside ``folder``, made if it is not there, of which only the last may be.

    Raises `InvalidInput` where a link stands in its place, or a name leads out of it, else `OSError`.
    """
    for name in names:
        if name in ("", os.curdir, os.pardir) or "/" in name or "\0" in name:
            raise InvalidInput(name or "''", f"is no name of a folder in {folder}", "a name of letters and digits")
        folder = folder / name
        if folder.is_symlink():
            raise InvalidInput(str(folder), "is a link, through which nothing is written", "another folder")
        folder.mkdir(exist_ok=True)
    return folder


def remove_unfinished(folder: Path, apart: str) -> None:
    """Remove what a killed process left unfinished, but not in folders inside that hold a file ``apart``."""
    for place, inside, files in os.walk(folder):
        inside[:] = [name for name in inside if not os.path.lexists(os.path.join(place, name, apart))]
        for name in files:
            if OURS.fullmatch(name):
                Path(place, name).unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """A rename is on the disk when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
