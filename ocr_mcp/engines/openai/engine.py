"""Reads pictures with any OpenAI-compatible server: vLLM, llama-server, LM Studio.

Cheap to import: the HTTP client is imported with the first request.
"""

import base64
import hashlib
import json
import re
import time
from typing import TYPE_CHECKING

import anyio
from pydantic import JsonValue

from ocr_mcp.engines.answers import output_tokens, prompt_for, sampling, without_end_token
from ocr_mcp.engines.base import PredictionRequest, Watcher
from ocr_mcp.engines.configuration import EngineSettings, configured_family, engine_timeouts, secret_value
from ocr_mcp.engines.http.deadlines import EngineTimeouts
from ocr_mcp.errors import EngineError, EngineUnavailableError, UsageError
from ocr_mcp.families.base import ModelFamily, Prompt
from ocr_mcp.families.registry import require_family
from ocr_mcp.model.geometry import Frozen
from ocr_mcp.model.predictions import EngineIdentity, Prediction, Task, TokenUsage

if TYPE_CHECKING:
    from ocr_mcp.engines.openai.client import OpenAIClient, ServedModel

_NAME = "openai"
_FACTS_SECONDS = 30.0
_VLLM = "vllm"


class _Facts(Frozen):
    model: str
    owner: str | None
    version: str | None


class OpenAICompatibleEngine:
    """An `Engine` on `base_url`, with or without its `/v1`.

    `model` None takes the first that the server lists. `profile` is the model's family, None finds it by the name.
    """

    def __init__(
        self,
        *,
        base_url: str,
        model: str | None = None,
        api_key: str | None = None,
        concurrency: int = 32,
        timeouts: EngineTimeouts | None = None,
        profile: ModelFamily | None = None,
    ) -> None:
        self._url = api_url(base_url)
        self._model = model
        self._api_key = api_key
        self._concurrency = concurrency
        self._timeouts = timeouts or EngineTimeouts()
        self._profile = profile
        self._client: OpenAIClient | None = None
        self._facts: _Facts | None = None
        self._facts_until = 0.0
        self._asking = anyio.Lock()

    @property
    def name(self) -> str:
        """`openai`."""
        return _NAME

    @property
    def concurrency(self) -> int:
        """Number of requests that the server is given at once; it batches them itself."""
        return self._concurrency

    async def identify(self) -> EngineIdentity:
        """Return the server's model and, for vLLM and llama-server, its version."""
        return self._identity(await self._known())

    async def profile(self) -> ModelFamily:
        """Return the facts about the model's family."""
        return self._profile_for(await self._known())

    async def predict(self, request: PredictionRequest, *, watch: Watcher | None = None) -> Prediction:
        """Read one picture."""
        facts = await self._known()
        profile = self._profile_for(facts)
        prompt = prompt_for(profile, request.task, request.query)
        try:
            reply = await self._http().complete(_body(request, facts, profile, prompt), watch=watch)
        except EngineError:
            self._facts = None
            raise
        return Prediction(
            task=request.task,
            text=without_end_token(reply.text, profile),
            format=prompt.format,
            stop=reply.stop,
            identity=self._identity(facts),
            usage=TokenUsage(prompt=reply.prompt_tokens, text=reply.text_tokens),
            seconds=reply.seconds,
            family=profile.name,
        )

    async def fingerprint(self, task: Task, query: str | None) -> str:
        """Return the hash of server, model, prompt and options; such a server does not tell the model's digest."""
        facts = await self._known()
        profile = self._profile_for(facts)
        parts = {
            "engine": _NAME,
            "server": [self._url, facts.owner, facts.version],
            "model": facts.model,
            "prompt": prompt_for(profile, task, query).text,
            "options": _options(facts, profile, task),
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _known(self) -> _Facts:
        """Return what the server says of itself, remembered for `_FACTS_SECONDS`."""
        async with self._asking:
            if self._facts is None or time.monotonic() >= self._facts_until:
                self._facts = None
                served: ServedModel = await self._http().served()
                version = await self._http().version(served.owner)
                self._facts = _Facts(model=served.id, owner=served.owner, version=version)
                self._facts_until = time.monotonic() + _FACTS_SECONDS
            return self._facts

    def _profile_for(self, facts: _Facts) -> ModelFamily:
        return self._profile or require_family(facts.model)

    def _identity(self, facts: _Facts) -> EngineIdentity:
        return EngineIdentity(engine=_NAME, model=facts.model, version=facts.version, host=self._url)

    def _http(self) -> "OpenAIClient":
        if self._client is None:
            from ocr_mcp.engines.openai.client import OpenAIClient

            self._client = OpenAIClient(self._url, model=self._model, timeouts=self._timeouts, api_key=self._api_key)
        return self._client


def make_engine(settings: EngineSettings, profile: ModelFamily | None) -> OpenAICompatibleEngine:
    """Make the engine from settings. `profile` replaces the family that the settings or the model's name say.

    Raises `EngineUnavailableError` where the settings have no address.
    """
    if not settings.openai_base_url:
        raise EngineUnavailableError(
            "No OpenAI-compatible endpoint is set.",
            hint="Set OCR_MCP_OPENAI_BASE_URL, for example to http://127.0.0.1:8000/v1.",
        )
    return OpenAICompatibleEngine(
        base_url=settings.openai_base_url,
        model=settings.model,
        api_key=secret_value(settings.openai_api_key),
        concurrency=settings.openai_parallel,
        timeouts=engine_timeouts(settings),
        profile=profile or configured_family(settings),
    )


def api_url(base_url: str) -> str:
    """Return the URL under which the API lies: `/v1` is added where there is no path."""
    match = re.fullmatch(r"(https?://[^\s/?#@]+)((?:/[^\s?#]*)?)", base_url.strip())
    if match is None:
        raise UsageError(
            f"The address {base_url!r} of the OpenAI-compatible server cannot be read."
            if "@" not in base_url
            else "An address with a user name or password in it cannot be used.",
            hint="Write it like http://127.0.0.1:8000/v1, and a key as the API key.",
        )
    origin, path = match.groups()
    return origin + (path.rstrip("/") or "/v1")


def _options(facts: _Facts, profile: ModelFamily, task: Task) -> dict[str, object]:
    """Return options for a greedy answer of limited length.

    Fields of vLLM go to vLLM only, since strict servers refuse fields that they do not know.
    """
    own = profile.vllm_fields if facts.owner == _VLLM else dict[str, JsonValue]()
    return {"temperature": 0, "max_tokens": output_tokens(profile, task), **own}


def _body(request: PredictionRequest, facts: _Facts, profile: ModelFamily, prompt: Prompt) -> dict[str, object]:
    """Return the request: the picture before the text, as models are trained, and as bytes, never as an address."""
    data = base64.b64encode(request.image.data).decode("ascii")
    picture = {"type": "image_url", "image_url": {"url": f"data:{request.image.media_type};base64,{data}"}}
    return {
        "model": facts.model,
        "messages": [{"role": "user", "content": [picture, {"type": "text", "text": prompt.text}]}],
        "stream": True,
        "stream_options": {"include_usage": True},
        **_options(facts, profile, request.task),
        **sampling(request),
    }
