"""Other people's modules: `llc` at a minimum or at the weights as they are, and `LLCMonitor` along a training run."""
