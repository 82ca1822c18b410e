"""One way to keep a result on disk: written beside its place and renamed, with a checksum, in a folder that is held."""

from slt_symbolic.storage.checkpoints import load, packed, save
from slt_symbolic.storage.files import subfolder, write_atomically, write_named
from slt_symbolic.storage.locks import results_folder
from slt_symbolic.storage.results import computed_once, keep_result, read_result
from slt_symbolic.storage.signals import Terminated, held_back

__all__ = ["Terminated", "computed_once", "held_back", "keep_result", "load", "packed", "read_result",
           "results_folder", "save", "subfolder", "write_atomically", "write_named"]
