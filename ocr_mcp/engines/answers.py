"""The parts of asking that all engines share: the prompt, the answer as it grows, and the complete reply."""

from dataclasses import dataclass

from ocr_mcp.engines.base import PredictionRequest, Watcher
from ocr_mcp.errors import EngineProtocolError, TaskNotSupportedError
from ocr_mcp.families.base import ModelFamily, Prompt
from ocr_mcp.model.predictions import StopReason, Task

_MAX_CHARACTERS = 2_000_000  # no token limit of any family comes near; a server without one must not fill the memory


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A complete answer, or one that `stop` says was cut. A count is None where the server gave none.

    `seconds` is from sending the request to the end of the answer.
    """

    text: str
    stop: StopReason
    seconds: float
    prompt_tokens: int | None = None
    text_tokens: int | None = None


class Answer:
    """Gathers the pieces of an answer. `stop` is set once `watch` wants no more."""

    def __init__(self, watch: Watcher | None) -> None:
        self._watch = watch
        self._pieces: list[str] = []
        self._characters = 0
        self.stop: StopReason | None = None

    def add(self, piece: str) -> None:
        """Take the next piece, and ask `watch` about it."""
        self._pieces.append(piece)
        self._characters += len(piece)
        if self._characters > _MAX_CHARACTERS:
            raise EngineProtocolError(
                f"The engine wrote more than {_MAX_CHARACTERS:,} characters for one picture.",
                hint="It ignores the token limit of the request: check what server this is.",
            )
        if self._watch is not None:
            self.stop = self._watch(piece)

    @property
    def text(self) -> str:
        """All that the model wrote so far."""
        return "".join(self._pieces)


def without_end_token(text: str, family: ModelFamily) -> str:
    """Return an answer without the family's end token, which some servers let through."""
    token, end = family.syntax.end_token, text.rstrip()
    return end.removesuffix(token.text) if token is not None and end.endswith(token.text) else text


def prompt_for(family: ModelFamily, task: Task, query: str | None) -> Prompt:
    """Return the family's prompt with the query in its place.

    Raises `TaskNotSupportedError` if the family has none, or if a query is needed and missing.
    """
    if task not in family.prompts:
        known = ", ".join(family.prompts)
        raise TaskNotSupportedError(f"{family.name} cannot do the task '{task}'.", hint=f"It can do: {known}.")
    prompt = family.prompts[task]
    if "{query}" not in prompt.text:
        return prompt
    if query is None or not query.strip():
        raise TaskNotSupportedError(f"The task '{task}' does not say what to look for.", hint="Give it a query.")
    return prompt.model_copy(update={"text": prompt.text.replace("{query}", query.strip())})


def output_tokens(family: ModelFamily, task: Task) -> int:
    """Return the limit on the tokens of an answer."""
    return family.chart_output_tokens if task is Task.CHART else family.max_output_tokens


def sampling(request: PredictionRequest) -> dict[str, int | float]:
    """Return the request's sampling options by the names that Ollama and OpenAI share; empty if it sets none."""
    said = {"temperature": request.temperature, "seed": request.seed}
    return {name: value for name, value in said.items() if value is not None}
