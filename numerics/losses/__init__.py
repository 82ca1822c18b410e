"""Losses at many parameter vectors at once: polynomial networks, two-hot inputs, a user's module."""
