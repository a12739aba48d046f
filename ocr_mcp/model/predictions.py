"""What an engine answered, raw."""

from enum import StrEnum

from ocr_mcp.model.geometry import Frozen


class Task(StrEnum):
    """What is asked of an engine."""

    MARKDOWN = "markdown"
    TEXT = "text"
    LINES = "lines"
    DESCRIBE = "describe"
    LOCATE = "locate"
    CHART = "chart"


class ResponseFormat(StrEnum):
    """How an answer is written, hence which parser reads it."""

    GROUNDED = "grounded"
    """Blocks of label, boxes and Markdown or HTML, tagged (`<|ref|>`) or bare (`label[[…]]`)."""
    GROUNDED_LINES = "grounded_lines"
    """One label and box a line, where the label is the text."""
    MARKDOWN = "markdown"
    """Text or light Markdown without boxes; tables may be HTML."""
    PROSE = "prose"
    """A description in sentences."""
    BOXES = "boxes"
    """Boxes only: where the thing asked for is."""
    FIGURE = "figure"
    """An HTML table for a chart, a dict literal for plane geometry, SMILES for a molecule, prose for a photo."""
    RECOGNIZED_LINES = "recognized_lines"
    """JSON `{"lines": [{"text", "box", "confidence", "weight", "bullet"}], "rules": [box]}`.

    A box is [left, top, right, bottom] in pixels of the picture. `weight` is how thick the strokes are, in heights of
    the box; `bullet` the box of a list's bullet before the line; `rules` are ruling lines. All but `text` and `box` may
    be missing or null.
    """


class StopReason(StrEnum):
    """Why an answer ended. Only `STOP` is a complete answer."""

    STOP = "stop"
    LENGTH = "length"
    LOOP = "loop"


class Device(StrEnum):
    """Where the model runs. `PARTLY` is split between GPU and CPU."""

    GPU = "gpu"
    CPU = "cpu"
    PARTLY = "partly"


class EngineIdentity(Frozen):
    """Who answered. None is "not known": no engine guesses.

    `version` is the engine's own; `generation` is Ollama's engine generation A, B or C; `model_digest` the model's
    content digest; `host` where it runs, without credentials.
    """

    engine: str
    model: str
    model_digest: str | None = None
    version: str | None = None
    generation: str | None = None
    device: Device | None = None
    host: str | None = None


class TokenUsage(Frozen):
    """Tokens of one answer. None is "not reported"; `vision` is what the picture took of `prompt`."""

    prompt: int | None = None
    vision: int | None = None
    text: int | None = None

    @property
    def compression(self) -> float | None:
        """Text tokens for each vision token, as the DeepSeek-OCR paper counts compression."""
        if not self.vision or self.text is None:
            return None
        return self.text / self.vision


class Prediction(Frozen):
    """One answer of one engine to one picture. `seconds` is the engine's wall time."""

    task: Task
    text: str
    format: ResponseFormat
    stop: StopReason
    identity: EngineIdentity
    usage: TokenUsage = TokenUsage()
    seconds: float
