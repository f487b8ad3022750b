"""What `make bench` runs: every figure is a ratio in one run, beside its limit or a peer."""
