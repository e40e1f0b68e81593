"""The ways in, each with a scripted other side."""

from tests.support.ways import other, serve, way

__all__ = ["other", "serve", "way"]
