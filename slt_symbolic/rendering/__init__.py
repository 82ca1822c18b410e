"""Entries, answers and certificates as text, LaTeX, Markdown, JSON and pages."""
