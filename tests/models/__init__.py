"""Tests of statistical models and their reductions."""
