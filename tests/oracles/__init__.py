"""Independent oracles: slow and plain, sharing no code with the package.

``python -m tests.oracles`` rewrites the generated golden table.
"""

from tests.oracles.ranks import DATA, dense_rank, read_table, two_hot

__all__ = ["DATA", "dense_rank", "read_table", "two_hot"]
