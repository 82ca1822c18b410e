"""The monitor of the localised excess in other people's training loops."""
