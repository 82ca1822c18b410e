"""What the published LLC is, measured beside what it should be."""
