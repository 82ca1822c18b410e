"""Samplers, and what their draws say."""
