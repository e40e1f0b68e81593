"""``python -m pyrum_sync.simulator bare|serve …``: the engine on a network in memory."""

import sys

from pyrum_sync.engine.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], "memory"))
