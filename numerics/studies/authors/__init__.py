"""The trajectories that the authors of arXiv:2603.01192 stored, through the detectors of our own runs."""
