"""``python -m pyrum_sync.engine bare|serve …``."""

import sys

from pyrum_sync.engine.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
