"""How fast the client is, beside plain loops and beside pyrum. `make bench` runs all; docs/performance.md explains."""
