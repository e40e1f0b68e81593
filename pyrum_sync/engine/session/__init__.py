"""Sessions: lines with prefixes and verbs, calls and their steps, and the log entries that they write."""
