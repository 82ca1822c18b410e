"""Tests in rooms like the code's; README.md says which goes where."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
DATA = ROOT / "tests" / "data"
