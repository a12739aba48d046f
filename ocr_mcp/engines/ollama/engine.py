"""Reads pictures with a model in one or several Ollamas.

Cheap to import: the HTTP client is imported with the first request.
"""

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache

import anyio
import pybase64

from ocr_mcp.engines.answers import Reply, output_tokens, prompt_for, sampling, without_end_token
from ocr_mcp.engines.base import PredictionRequest, Watcher
from ocr_mcp.engines.configuration import EngineSettings, configured_family, engine_timeouts, secret_value
from ocr_mcp.engines.http.deadlines import EngineTimeouts
from ocr_mcp.engines.http.host_pool import HostPool, Lease, PooledHost
from ocr_mcp.engines.ollama.hosts import parse_all_ollama_hosts
from ocr_mcp.engines.ollama.names import refuse_cloud_name
from ocr_mcp.engines.ollama.node import Facts, OllamaNode
from ocr_mcp.engines.ollama.vision_tokens import counted_vision_tokens
from ocr_mcp.errors import CloudModelError, EngineError, EngineUnavailableError
from ocr_mcp.families.base import ModelFamily, Prompt
from ocr_mcp.families.registry import DEFAULT_FAMILY, DEFAULT_MODEL, find_family, require_family
from ocr_mcp.model.predictions import EngineIdentity, Prediction, Task, TokenUsage

_NAME = "ollama"
_MAX_REMEMBERED = 64


class OllamaEngine:
    """An `Engine` on every host in `hosts`, each in any form of OLLAMA_HOST; the default host if there is none.

    `model` None is the default model, or its retagged copy on a host that drops special tokens and has that copy.
    `profile` is the model's family, None finds it by the model. `keep_alive` is how long the model stays loaded after
    an answer (`10m`, seconds, or -1 for ever); None leaves it to Ollama. `api_key` is for a proxy in front of Ollama;
    the environment's OLLAMA_API_KEY is never sent.
    """

    def __init__(
        self,
        *,
        hosts: Sequence[str] = (),
        model: str | None = None,
        parallel_per_host: int = 1,
        allow_cloud: bool = False,
        keep_alive: str | None = None,
        timeouts: EngineTimeouts | None = None,
        profile: ModelFamily | None = None,
        api_key: str | None = None,
    ) -> None:
        self._model = model or DEFAULT_MODEL
        self._allow_cloud = allow_cloud
        self._keep_alive = keep_alive
        self._profile = profile
        self._urls = parse_all_ollama_hosts(hosts)
        self._slots = parallel_per_host
        limits = timeouts or EngineTimeouts()
        nodes = [
            OllamaNode(
                url,
                model=self._model,
                family=profile or find_family(self._model),
                timeouts=limits,
                api_key=api_key,
                allow_cloud=allow_cloud,
                better_copy=None if model else DEFAULT_FAMILY.ollama.retagged_model,
            )
            for url in self._urls
        ]
        self._pool = HostPool(nodes, slots=parallel_per_host)
        # Every page needs both.
        self._profile_for = lru_cache(_MAX_REMEMBERED)(self._compute_profile)
        self._fingerprint_of = lru_cache(_MAX_REMEMBERED)(self._compute_fingerprint)

    @property
    def name(self) -> str:
        """`ollama`."""
        return _NAME

    @property
    def concurrency(self) -> int:
        """Number of hosts times slots."""
        return len(self._urls) * self._slots

    async def identify(self) -> EngineIdentity:
        """Return the first host that answers, with the model's digest and, if the model is loaded, its device."""
        self._refuse_cloud()
        return self._identity(await self._first_facts())

    async def profile(self) -> ModelFamily:
        """Return the facts about the model's family, with the raster for the host's generation."""
        self._refuse_cloud()
        return self._profile_for(await self._first_facts())

    async def predict(self, request: PredictionRequest, *, watch: Watcher | None = None) -> Prediction:
        """Read one picture on whichever host is free; a host that cannot be reached passes the picture on."""
        self._refuse_cloud()
        unreachable: list[PooledHost[OllamaNode]] = []
        while True:
            async with self._pool.lease(avoid=unreachable) as lease:
                try:
                    return await self._predict_at(lease, request, watch)
                except EngineUnavailableError as error:
                    lease.pooled.rest()
                    unreachable.append(lease.pooled)
                    if len(unreachable) == len(self._urls):
                        raise self._none_reachable(error) from error

    async def fingerprint(self, task: Task, query: str | None) -> str:
        """Return the hash of model, prompt and options over all hosts that answer, since any may read the page."""
        self._refuse_cloud()
        return self._fingerprint_of(tuple(await self._all_facts()), task, query)

    def _compute_fingerprint(self, facts: tuple[Facts, ...], task: Task, query: str | None) -> str:
        profile = self._profile_for(facts[0])
        parts = {
            "engine": _NAME,
            "models": sorted({(each.model, each.digest or "", str(each.generation)) for each in facts}),
            "prompt": prompt_for(profile, task, query).text,
            "options": _options(profile, task),
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]

    async def aclose(self) -> None:
        """Close the connections to all hosts."""
        for each in self._pool.hosts:
            await each.host.aclose()

    async def _predict_at(
        self, lease: Lease[OllamaNode], request: PredictionRequest, watch: Watcher | None
    ) -> Prediction:
        node = lease.pooled.host
        facts = await node.facts()
        profile = self._profile_for(facts)
        prompt = prompt_for(profile, request.task, request.query)
        body = self._body(request, profile, prompt, facts)
        reply = await node.generate(body, model=facts.model, watch=watch, turn=lease.turn)
        lease.pooled.note_page(reply.seconds)
        return Prediction(
            task=request.task,
            text=without_end_token(reply.text, profile),
            format=prompt.format,
            stop=reply.stop,
            identity=self._identity(await node.with_device(facts)),
            usage=_usage(reply, request, prompt, profile, facts),
            seconds=reply.seconds,
            family=profile.name,
        )

    def _body(self, request: PredictionRequest, profile: ModelFamily, prompt: Prompt, facts: Facts) -> list[bytes]:
        on_host = profile.on_ollama(facts.generation)
        body: dict[str, object] = {
            "model": facts.model,
            "prompt": on_host.prompt_prefix + prompt.text,
            "stream": True,
            "options": _options(profile, request.task) | sampling(request),
            **on_host.request_fields,
        }
        if self._keep_alive is not None:
            body["keep_alive"] = _duration(self._keep_alive)
        # Base64 needs no escaping: json.dumps would look for characters to escape for over a millisecond a picture. In
        # pieces, a picture is not copied.
        encoded = pybase64.b64encode(request.image.data)
        return [b'{"images": ["', encoded, b'"], ', json.dumps(body).encode("ascii")[1:]]

    def _compute_profile(self, facts: Facts) -> ModelFamily:
        family = self._profile or require_family(facts.model, stated=facts.family)
        if family.single_view_raster is not None and family.on_ollama(facts.generation).is_single_view:
            return family.model_copy(update={"raster": family.single_view_raster})
        return family

    def _identity(self, facts: Facts) -> EngineIdentity:
        return EngineIdentity(
            engine=_NAME,
            model=facts.model,
            model_digest=facts.digest,
            version=facts.version,
            generation=None if facts.generation is None else facts.generation.value,
            device=facts.device,
            host=facts.url,
        )

    def _refuse_cloud(self) -> None:
        if self._allow_cloud:
            return
        refuse_cloud_name(self._model)
        for url in self._urls:
            if url.partition("://")[2].partition(":")[0].endswith("ollama.com"):
                raise CloudModelError(
                    f"{url} is Ollama's cloud, so pages would leave this machine.",
                    hint="Set OLLAMA_HOST to an Ollama of your own, or allow cloud models in the settings.",
                )

    async def _first_facts(self) -> Facts:
        error: EngineUnavailableError | None = None
        for each in self._pool.hosts:
            try:
                return await each.host.facts()
            except EngineUnavailableError as unavailable:
                each.rest()
                error = error or unavailable
        if error is None:
            raise AssertionError("an engine has at least one host")
        raise self._none_reachable(error) from error

    async def _all_facts(self) -> list[Facts]:
        """Return facts of every host that answers, in the hosts' order. Raises as one host would, if none answers."""
        found: dict[str, Facts] = {}
        first = await self._first_facts()
        if len(self._urls) == 1:
            return [first]
        async with anyio.create_task_group() as group:
            for each in self._pool.hosts:
                if not each.is_resting:
                    group.start_soon(_gather, each, found)
        return [found[url] for url in self._urls if url in found] or [first]

    def _none_reachable(self, error: EngineUnavailableError) -> EngineUnavailableError:
        if len(self._urls) == 1:
            return error
        return EngineUnavailableError(f"No Ollama can be reached at {', '.join(self._urls)}.", hint=error.hint)


def make_engine(settings: EngineSettings, profile: ModelFamily | None) -> OllamaEngine:
    """Make the engine from settings. `profile` replaces the family that the settings or the model's name say."""
    return OllamaEngine(
        hosts=[settings.ollama_host],
        model=settings.model,
        parallel_per_host=settings.ollama_parallel,
        allow_cloud=settings.allow_cloud,
        keep_alive=settings.ollama_keep_alive,
        timeouts=engine_timeouts(settings),
        api_key=secret_value(settings.ollama_api_key),
        profile=profile or configured_family(settings),
    )


async def _gather(pooled: PooledHost[OllamaNode], found: dict[str, Facts]) -> None:
    """Add the facts of one host to `found`. A fault of the host is left for the prediction that meets it to raise."""
    try:
        facts = await pooled.host.facts()
    except EngineUnavailableError:
        pooled.rest()
    except EngineError:
        return
    else:
        found[facts.url] = facts


def _options(profile: ModelFamily, task: Task) -> dict[str, int | float]:
    """Return options for a greedy answer of limited length in the model's own context [O]."""
    return {
        "num_ctx": profile.context_tokens,
        "num_predict": output_tokens(profile, task),
        "temperature": 0,
        "repeat_penalty": 1.0,
    }


def _duration(keep_alive: str) -> str | int:
    """Return bare seconds as a number: Ollama refuses a string without a unit."""
    try:
        return int(keep_alive)
    except ValueError:
        return keep_alive


def _usage(reply: Reply, request: PredictionRequest, prompt: Prompt, profile: ModelFamily, facts: Facts) -> TokenUsage:
    vision = counted_vision_tokens(
        profile,
        facts.generation,
        width=request.image.width_px,
        height=request.image.height_px,
        prompt=prompt.text,
        prompt_tokens=reply.prompt_tokens,
    )
    return TokenUsage(prompt=reply.prompt_tokens, vision=vision, text=reply.text_tokens)
