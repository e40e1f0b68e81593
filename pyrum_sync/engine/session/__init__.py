"""The session: entries, calls, steps, verbs. It knows commands only as things to run."""
