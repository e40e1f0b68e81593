"""Whether the attacks run at length, as `make attack` has them, or in their short form."""

from __future__ import annotations

import os

LONG = os.environ.get("ATTACK") == "long"
