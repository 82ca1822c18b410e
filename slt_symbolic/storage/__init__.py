"""One way to keep a result on disk: written beside its place and renamed, with a checksum, under a lock."""

from slt_symbolic.storage.checkpoints import load, packed, save
from slt_symbolic.storage.files import write_atomically
from slt_symbolic.storage.locks import Held, locked

__all__ = ["Held", "load", "locked", "packed", "save", "write_atomically"]
