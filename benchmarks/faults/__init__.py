"""What goes wrong around a client, and what it makes of it: pyrum_sync beside pyrum in the same faulty situations.

`make faults` runs them. `situations` says what is done and what the right answer is, `ours` and `theirs` are the two
scripts, `child` runs one of them in a process of its own, `watch` looks at that process, and `judge` compares.
"""
