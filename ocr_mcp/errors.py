"""Every error that this project raises on purpose.

    OcrError
    ├── UsageError                 2  the call itself is wrong
    │   ├── UnknownEngineError    13
    │   └── PageRangeError        12  page 99 of 3
    ├── SourceError                4  the input cannot be read
    │   ├── SourceNotFoundError    9
    │   ├── NotRegularFileError   10  a folder, a pipe, a device
    │   ├── EmptySourceError      11
    │   ├── AccessDeniedError      7  outside the allowed folders, or no permission
    │   ├── EncryptedError         8  a password is needed (same number as OCRmyPDF)
    │   ├── UnsupportedFormatError 4
    │   ├── CorruptSourceError     4
    │   ├── SourceTooLargeError    4
    │   ├── SourceChangedError     4  the file was written to while it was read
    │   └── UnrenderableError      4
    │       ├── RenderTimeoutError 4
    │       └── RenderMemoryError  4
    ├── EngineError                6  the engine answered badly
    │   ├── EngineUnavailableError 3  not reachable, or not installed
    │   ├── ModelMissingError     14
    │   ├── ModelLoadError        18  the engine has the model but cannot load it (memory, its version)
    │   ├── ModelFileError        19  a model's own file cannot be found, read or copied
    │   ├── CloudModelError       16  the model would send pages off this machine
    │   ├── TaskNotSupportedError 17  this engine cannot do that task
    │   ├── EngineBusyError        6
    │   ├── EngineTimeoutError    15  no first output, or a stall
    │   ├── EngineCrashedError     6
    │   ├── EngineRefusedError     6  the request cannot work (4xx): prompt too long, no vision
    │   └── EngineProtocolError    6  the answer does not follow the protocol, or was cut short
    ├── MissingPackageError        3  an optional package is not installed
    └── OutputError                5  the result could not be written
        └── OutputDeniedError      5  outside the folders that results may go to

The number is the exit code of the command line. 0 means success, 1 means that some pages failed and the rest is
written, and 130 and 143 are the usual codes after Ctrl-C and SIGTERM.
"""

from typing import ClassVar


class OcrError(Exception):
    """Base of all errors of this project.

    `message` says what happened and where, `hint` what to do next; each is one plain sentence or more. `code` names the
    kind of error for programs.
    """

    code: ClassVar[str] = "INTERNAL"
    exit_code: ClassVar[int] = 70

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UsageError(OcrError):
    """An argument has no valid meaning."""

    code = "BAD_ARGUMENT"
    exit_code = 2


class UnknownEngineError(UsageError):
    """There is no engine of that name."""

    code = "UNKNOWN_ENGINE"
    exit_code = 13


class PageRangeError(UsageError):
    """The document does not have that page, or the page list cannot be parsed."""

    code = "PAGE_RANGE"
    exit_code = 12


class SourceError(OcrError):
    """The input cannot be read."""

    code = "SOURCE"
    exit_code = 4


class SourceNotFoundError(SourceError):
    """There is nothing at that path or URL."""

    code = "NOT_FOUND"
    exit_code = 9


class NotRegularFileError(SourceError):
    """A folder, pipe, socket or device is there instead of a file."""

    code = "NOT_REGULAR"
    exit_code = 10


class EmptySourceError(SourceError):
    """The file has no bytes or no pages."""

    code = "EMPTY"
    exit_code = 11


class AccessDeniedError(SourceError):
    """The path is outside the folders that may be read, or the system denies access."""

    code = "ACCESS_DENIED"
    exit_code = 7


class EncryptedError(SourceError):
    """The PDF needs a password."""

    code = "ENCRYPTED"
    exit_code = 8


class UnsupportedFormatError(SourceError):
    """The file is neither a PDF nor in one of the picture formats."""

    code = "UNSUPPORTED_FORMAT"


class CorruptSourceError(SourceError):
    """The file is damaged beyond repair."""

    code = "CORRUPT"


class SourceTooLargeError(SourceError):
    """The file has more bytes or pixels than the limit allows."""

    code = "TOO_LARGE"


class SourceChangedError(SourceError):
    """The file was written to while it was read."""

    code = "SOURCE_CHANGED"


class UnrenderableError(SourceError):
    """The shape or the content of a page cannot become a picture."""

    code = "UNRENDERABLE"


class RenderTimeoutError(UnrenderableError):
    """Rendering passed its deadline and was ended."""

    code = "RENDER_TIMEOUT"


class RenderMemoryError(UnrenderableError):
    """Rendering needed more memory than the limit."""

    code = "RENDER_MEMORY"


class MissingPackageError(OcrError):
    """An optional package is needed and not installed."""

    code = "MISSING_PACKAGE"
    exit_code = 3


class EngineError(OcrError):
    """The engine could not read the page."""

    code = "ENGINE"
    exit_code = 6


class EngineUnavailableError(EngineError):
    """Nothing answers where the engine should be, or it is not installed."""

    code = "ENGINE_UNAVAILABLE"
    exit_code = 3


class ModelMissingError(EngineError):
    """The engine runs, but it does not have the model."""

    code = "MODEL_MISSING"
    exit_code = 14


class ModelLoadError(EngineError):
    """The engine has the model but cannot load it: too little memory, or a file that its version cannot read."""

    code = "MODEL_LOAD"
    exit_code = 18


class ModelFileError(EngineError):
    """The file that a model is made of cannot be found, read or copied."""

    code = "MODEL_FILE"
    exit_code = 19


class CloudModelError(EngineError):
    """The model runs in the cloud, which is not allowed."""

    code = "CLOUD_MODEL"
    exit_code = 16


class TaskNotSupportedError(EngineError):
    """The engine cannot do that task."""

    code = "TASK_NOT_SUPPORTED"
    exit_code = 17


class EngineBusyError(EngineError):
    """The engine's queue is full."""

    code = "ENGINE_BUSY"


class EngineTimeoutError(EngineError):
    """The first output did not come in time, or the answer stalled."""

    code = "ENGINE_TIMEOUT"
    exit_code = 15


class EngineCrashedError(EngineError):
    """The engine died while it worked on the page."""

    code = "ENGINE_CRASHED"


class EngineRefusedError(EngineError):
    """The engine said that this request cannot work."""

    code = "ENGINE_REFUSED"


class EngineProtocolError(EngineError):
    """The answer does not follow the protocol, or ended before it was complete."""

    code = "ENGINE_PROTOCOL"


class OutputError(OcrError):
    """The result could not be written."""

    code = "OUTPUT"
    exit_code = 5


class OutputDeniedError(OutputError):
    """The path is outside the folders that results may be written to."""

    code = "OUTPUT_DENIED"


def exit_code_of(code: str) -> int:
    """Return the exit code of the error class with that `code`; 70 (an internal error) if no class has it."""
    classes = [OcrError]
    for cls in classes:
        if cls.code == code:
            return cls.exit_code
        classes.extend(cls.__subclasses__())
    return OcrError.exit_code
