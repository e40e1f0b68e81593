"""Log levels, as logrus names and orders them."""

import enum


class Level(enum.IntEnum):
    """A level; a log at one level shows its own and all lower ones."""

    PANIC = 0
    FATAL = 1
    ERROR = 2
    WARNING = 3
    INFO = 4
    DEBUG = 5
    TRACE = 6

    @property
    def text(self) -> str:
        """The name in entries and messages."""
        return self.name.lower()


_NAMES = {level.text: level for level in Level} | {"warn": Level.WARNING}


def parse_level(text: str) -> Level:
    """The level of that name; ValueError with Rumor's words for none."""
    try:
        return _NAMES[text.lower()]
    except KeyError:
        raise ValueError(f'not a valid logrus Level: "{text}"') from None
