"""How fast the engine is, beside other implementations: `python -m benchmarks.engine`."""
