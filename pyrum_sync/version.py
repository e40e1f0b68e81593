"""The version of the library: in a module that imports nothing, for client and engine alike."""

__version__ = "0.1.0"
