"""Rumor's commands, and the actors that they work on: between a session and a network, and alone in knowing both."""
