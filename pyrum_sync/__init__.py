"""A synchronous, blocking client for Rumor, the Eth2 networking shell."""

__version__ = "0.1.0"
