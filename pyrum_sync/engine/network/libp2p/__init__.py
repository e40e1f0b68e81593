"""libp2p over TCP: layers without I/O, one a file, and above them the few files that know asyncio."""
