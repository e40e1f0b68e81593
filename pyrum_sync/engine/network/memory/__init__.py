"""A network in memory: hosts of one process that meet without sockets, and take no time for it."""
