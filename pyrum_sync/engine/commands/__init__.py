"""Rumor's commands: between the session and the network, the only ones that know both."""
