"""The command line: each sub-command lives with the package that does the work, and `main` finds it."""
