"""What goes wrong with Ollama's answers, with the words of its source."""

from enum import StrEnum

LOAD_FAILURE = (
    "model failed to load, this may be due to resource limitations or an internal error, "
    "check ollama server logs for details"
)


RUNNER_CRASH = (
    "model runner has unexpectedly stopped, this may be due to resource limitations or an internal error, "
    "check ollama server logs for details"
)


class Fault(StrEnum):
    """What goes wrong with an answer."""

    BUSY = "busy"
    CRASH = "crash"
    LOAD_FAILURE = "load_failure"
    PROMPT_TOO_LONG = "prompt_too_long"
    NO_VISION = "no_vision"
    HTML_502 = "html_502"
    REDIRECT = "redirect"
    GARBAGE = "garbage"
    STALL_FIRST = "stall_first"
    STALL_MIDDLE = "stall_middle"
    DRIP_EMPTY_LINES = "drip_empty_lines"
    DRIP_BYTES = "drip_bytes"
    ERROR_LINE = "error_line"
    NO_DONE = "no_done"
    CUT = "cut"
    DONE_LOAD = "done_load"
    DONE_WITHOUT_REASON = "done_without_reason"
    LENGTH = "length"
    LOOP = "loop"


STATUS_FAULTS: dict[Fault, tuple[int, str]] = {
    Fault.BUSY: (503, "server busy, please try again.  maximum pending requests exceeded"),
    Fault.CRASH: (500, RUNNER_CRASH),
    Fault.LOAD_FAILURE: (500, LOAD_FAILURE),
    Fault.PROMPT_TOO_LONG: (400, "the input length exceeds the context length"),
    Fault.NO_VISION: (400, "this model does not support image input"),
}
