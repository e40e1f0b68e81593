"""What maintainers do with the catalogue: write what is made from it, and compare it with a real Rumor.

python -m tools write   # pyrum_sync/client/stubs.py and docs/commands.md
python -m tools check   # the table against the --help of a real Rumor
"""
