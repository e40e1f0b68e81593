"""Hours of use in minutes: all kinds of calls on real Rumors that are killed, stopped and cut off again and again.

``make soak`` (``python -m tests.soak``). The `supervisor` runs Rumors that serve, does them harm, and starts `worker`
processes. Each worker has a few `station`s: one connection after the other, over one transport, with several `player`s
on it, threads that call and check what comes; what happens to the connection itself goes through a `proxy`. A `leash`
times each blocking call, and knows which exception the connection's fate allows. `report` sums up.
"""
