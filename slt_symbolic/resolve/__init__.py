"""The untrusted side: finds certificates."""
