"""Training runs on modular arithmetic, and what is measured along them."""
