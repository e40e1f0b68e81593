"""What maintainers do with the catalogue: write what is made from it, and compare it with a real Rumor.

python -m pyrum_sync.catalogue_tools write   # pyrum_sync/typed.py and docs/commands.md
python -m pyrum_sync.catalogue_tools check   # the table against the --help of a real Rumor
"""
