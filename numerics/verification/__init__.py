"""The main job, `slt verify`: derive, certify, cross-check, report."""
