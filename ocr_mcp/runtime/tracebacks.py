"""Tracebacks that can be logged: the place and the kind of an error, without its words.

The message of an error that nobody expected may quote the document, a key or an address.
"""

import traceback


def without_messages(error: BaseException) -> str:
    """Return the frames and the type of an error and of its causes, the first cause first."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    before = "" if cause is None else f"{without_messages(cause)}\nwhich led to:\n"
    frames = "".join(traceback.format_tb(error.__traceback__))
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    return f"{before}Traceback (most recent call last):\n{frames}{name}"
