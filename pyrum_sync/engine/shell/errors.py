"""What may be wrong with shell text."""


class LanguageError(Exception):
    """Shell text that cannot be run, with the place where it went wrong."""

    def __init__(self, text: str, position: int, message: str) -> None:
        before = text[:position]
        line = before.count("\n") + 1
        column = position - (before.rfind("\n") + 1) + 1
        super().__init__(f"{line}:{column}: {message}")


class ShellSyntaxError(LanguageError):
    """Not shell text: ends a session, as in Rumor."""


class Incomplete(ShellSyntaxError):
    """The text ends in the middle of a statement: more may follow."""


class NotSimulated(LanguageError):
    """Shell text that a Rumor would run and the simulator does not know."""
