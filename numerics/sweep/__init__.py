"""Grids of jobs on one machine or a cluster, `slt sweep`."""
