"""The search for a certificate. Untrusted: nothing leaves it that the checker has not accepted."""
