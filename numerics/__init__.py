"""Networks that are really trained, sampled, and compared with the exact values. Needs the numerics extra."""
