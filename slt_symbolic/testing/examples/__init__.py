"""Formulas of other people as files for `slt test`, each with its source; one of them is wrong at one size."""
