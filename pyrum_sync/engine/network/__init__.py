"""An in-memory network of hosts: keys, addresses, connections, streams, gossip. It knows nothing of entries."""
