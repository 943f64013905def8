"""The wording that all messages about undecodable text share."""

_SHOWN = 80  # characters of input in a message: enough to find the event, too few to flood a results table


def describe(reason: str, text: str) -> str:
    """Return ``reason: 'text'``; the text is quoted as Python does and cut to about 80 characters."""
    shown = repr(text[:_SHOWN])
    return f"{reason}: {shown if len(shown) <= _SHOWN else shown[: _SHOWN - 3] + '...'}"
