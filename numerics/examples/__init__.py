"""The LLC monitor in other people's training loops."""
