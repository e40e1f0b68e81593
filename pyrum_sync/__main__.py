"""``python -m pyrum_sync``: the same as ``pyrum-sync``."""

import sys

from pyrum_sync.cli.main import main

sys.exit(main())
