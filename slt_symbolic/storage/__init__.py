"""One way to keep a result on disk: written beside its place and renamed, with a checksum, under a lock."""

from slt_symbolic.storage.checkpoints import load, packed, save
from slt_symbolic.storage.files import write_atomically
from slt_symbolic.storage.locks import Held, locked
from slt_symbolic.storage.results import computed_once, keep_result, read_result

__all__ = ["Held", "computed_once", "keep_result", "load", "locked", "packed", "read_result", "save",
           "write_atomically"]
