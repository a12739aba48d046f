"""The choices that every front end offers for reading a page. Only the standard library is imported here."""

from enum import StrEnum


class TextLayerPolicy(StrEnum):
    """When a PDF's own text is used: where it can be trusted, always, or never."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class Rotate(StrEnum):
    """The turn of a page before it is read: upright by what the page shows, or by a number of degrees clockwise."""

    AUTO = "auto"
    NONE = "0"
    RIGHT = "90"
    HALF = "180"
    LEFT = "270"
