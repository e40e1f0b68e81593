"""Gossipsub, for every network: the router without I/O, and what runs it on a host's streams."""
