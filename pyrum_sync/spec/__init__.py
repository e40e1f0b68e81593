"""What the specifications fix, for the client and the engine alike: encodings, containers, tables. No I/O."""
