"""Answers of engines before they are parsed."""

from enum import StrEnum

from ocr_mcp.model.geometry import Frozen


class Task(StrEnum):
    """The tasks that an engine can be given."""

    MARKDOWN = "markdown"
    TEXT = "text"
    LINES = "lines"
    DESCRIBE = "describe"
    LOCATE = "locate"
    CHART = "chart"


class ResponseFormat(StrEnum):
    """The syntax of an answer, which decides which parser reads it."""

    GROUNDED = "grounded"
    """Blocks of label, boxes and Markdown or HTML, the header of each tagged or bare (`label[[…]]`)."""
    GROUNDED_LINES = "grounded_lines"
    """One label and box per line; the label is the text of that line."""
    MARKDOWN = "markdown"
    """Text or light Markdown without boxes; tables may be HTML."""
    PROSE = "prose"
    """A description in sentences."""
    BOXES = "boxes"
    """Only boxes: the places of the thing that was asked for."""
    FIGURE = "figure"
    """An HTML table for a chart, a dict literal for plane geometry, SMILES for a molecule, prose for a photo."""
    RECOGNIZED_LINES = "recognized_lines"
    """JSON `{"lines": [{"text", "box", "confidence", "weight", "bullet"}], "rules": [box]}`.

    A box is [left, top, right, bottom] in pixels of the picture. `weight` is the thickness of the strokes in heights of
    the box, `bullet` is the box of a list's bullet before the line, and `rules` are ruling lines. All but `text` and
    `box` may be missing or null.
    """


class StopReason(StrEnum):
    """The reason why an answer ended. Only `STOP` means that it is complete."""

    STOP = "stop"
    LENGTH = "length"
    LOOP = "loop"


class Device(StrEnum):
    """The processor that runs the model. `PARTLY` means that the model is split between GPU and CPU."""

    GPU = "gpu"
    CPU = "cpu"
    PARTLY = "partly"


class EngineIdentity(Frozen):
    """The engine and the model that answered. None means "not known": no engine guesses.

    `version` is the engine's own version, `generation` is Ollama's engine generation A, B or C, `model_digest` is the
    digest of the model's content, and `host` is the address of the engine without credentials.
    """

    engine: str
    model: str
    model_digest: str | None = None
    version: str | None = None
    generation: str | None = None
    device: Device | None = None
    host: str | None = None


class TokenUsage(Frozen):
    """Numbers of tokens of one answer. None means "not reported"; `vision` is the picture's part of `prompt`."""

    prompt: int | None = None
    vision: int | None = None
    text: int | None = None

    @property
    def compression(self) -> float | None:
        """Text tokens for each vision token: the compression ratio."""
        if not self.vision or self.text is None:
            return None
        return self.text / self.vision


class Prediction(Frozen):
    """One answer of one engine to one picture.

    `seconds` is the engine's wall time. `family` is the name of the model family that wrote the answer, which says how
    to parse it; None in answers that were cached before they named it.
    """

    task: Task
    text: str
    format: ResponseFormat
    stop: StopReason
    identity: EngineIdentity
    usage: TokenUsage = TokenUsage()
    seconds: float
    family: str | None = None
