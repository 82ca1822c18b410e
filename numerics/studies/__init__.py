"""Studies that one command repeats: ``python -m numerics.studies.NAME --out DIR``."""
