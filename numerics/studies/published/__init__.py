"""The published LLC against p and K, beside what it should be."""
