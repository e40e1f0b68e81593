"""``python -m pyrum_sync``: the same as ``pyrum-sync``."""

import sys

from .cli import main

sys.exit(main())
