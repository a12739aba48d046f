"""`ocr-mcp models retag`: a copy of a model whose marks survive. The model is tiny, its file is a real one."""

import hashlib
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import JsonValue

from ocr_mcp.app.retagging import Retagging, RetagObserver, RetagRequest
from ocr_mcp.engines.ollama import model_files
from ocr_mcp.engines.ollama.library import OllamaLibrary
from ocr_mcp.engines.ollama.mark_probe import answers_hold_marks
from ocr_mcp.engines.ollama.names import retagged_name
from ocr_mcp.engines.ollama.special_tokens import read_mark_types
from ocr_mcp.errors import EngineUnavailableError, ModelFileError, ModelMissingError, UsageError
from ocr_mcp.families.deepseek_ocr import DEEPSEEK_OCR
from ocr_mcp.model.blocks import Block
from ocr_mcp.model.documents import IssueCode
from ocr_mcp.model.predictions import Task
from ocr_mcp.parsing.answers import parse_prediction
from tests.cli.running import run
from tests.doubles.llama_server import llama_server
from tests.doubles.ollama_models import ModelFolder
from tests.doubles.ollama_server import OllamaDouble
from tests.engines.pictures import ask
from tests.engines.reading import reading
from tests.engines.recited_pages import INVOICE
from tests.engines.test_llama_server import picture, predict
from tests.tiny_model import MARKUP, TinyModel

pytestmark = pytest.mark.anyio

REQUEST = RetagRequest(model="deepseek-ocr", copy="deepseek-ocr-tags")
REST: dict[str, JsonValue] = {
    "license": "MIT License",
    "parameters": {"num_ctx": 8192, "temperature": 0, "stop": ["<end>"]},
    "template": "{{ .Prompt }}",
    "requires": "0.13.0",
    "parser": "plain",
}


@pytest.fixture
def folder(tmp_path: Path, control_model: TinyModel) -> ModelFolder:
    """Ollama's models with one of two files: text and image encoder."""
    models = ModelFolder(tmp_path / "models")
    models.add("deepseek-ocr:latest", control_model.text_gguf, control_model.mmproj_gguf, **REST)
    return models


@pytest.fixture
def ollama(folder: ModelFolder) -> Iterator[OllamaDouble]:
    with OllamaDouble(answer=INVOICE.grounded, models=folder) as double:
        yield double


@asynccontextmanager
async def retagging(ollama: OllamaDouble, request: RetagRequest = REQUEST) -> AsyncGenerator[Retagging]:
    library = OllamaLibrary(ollama.url, api_key=None)
    try:
        yield Retagging(library, request)
    finally:
        await library.aclose()


async def retag(ollama: OllamaDouble, request: RetagRequest = REQUEST) -> bool:
    """Whether a copy was made."""
    async with retagging(ollama, request) as work:
        return await work.make(await work.plan(), RetagObserver(stage=lambda _name, _total: None))


def uploads(ollama: OllamaDouble) -> int:
    return sum(each.method == "POST" and each.path.startswith("/api/blobs/") for each in ollama.requests)


# ---------------------------------------------------------------- the copy


async def test_the_copy_differs_in_the_types_of_the_marks_and_in_nothing_else(
    ollama: OllamaDouble, folder: ModelFolder, control_model: TinyModel, user_model: TinyModel
) -> None:
    """The other tiny model is written with such types from the beginning: the files are the same to the byte."""
    before = control_model.text_gguf.read_bytes()
    assert await retag(ollama)
    text, encoder = folder.models["deepseek-ocr-tags:latest"].digests
    assert folder.blob(text).read_bytes() == user_model.text_gguf.read_bytes()
    assert folder.blob(encoder).read_bytes() == control_model.mmproj_gguf.read_bytes()
    assert folder.blob(hashlib.sha256(before).hexdigest()).read_bytes() == before


async def test_the_copy_keeps_template_parameters_and_licence(ollama: OllamaDouble, folder: ModelFolder) -> None:
    await retag(ollama)
    assert folder.models["deepseek-ocr-tags:latest"].rest == REST


async def test_a_real_llama_server_writes_the_marks_of_the_copy_and_not_those_of_the_model(
    ollama: OllamaDouble, folder: ModelFolder, control_model: TinyModel, control_server: str
) -> None:
    await retag(ollama)
    copy = folder.blob(folder.models["deepseek-ocr-tags:latest"].digests[0])
    image = picture(INVOICE)
    before = await predict(control_server, image, Task.MARKDOWN)
    with llama_server(TinyModel(copy, control_model.mmproj_gguf)) as url:
        after = await predict(url, image, Task.MARKDOWN)
    assert not any(mark in before.text for mark in MARKUP)
    assert after.text == INVOICE.grounded
    assert [issue.code for issue in parse_prediction(before, image).issues] == [IssueCode.FUSED_TABLE]
    parsed = parse_prediction(after, image)
    assert (parsed.issues, cells(parsed.blocks[2])) == (
        (),
        ["Item", "Price", "Widget", "42,00 €", "Gadget", "120,00 €"],
    )


def cells(block: Block) -> list[str]:
    return [cell.text for cell in block.table.cells] if block.table else []


async def test_a_second_time_nothing_is_made_or_sent(ollama: OllamaDouble) -> None:
    assert [await retag(ollama), await retag(ollama)] == [True, False]
    assert (uploads(ollama), len(ollama.requests_to("/api/create"))) == (1, 1)


async def test_a_model_that_was_pulled_anew_gives_a_new_copy(
    ollama: OllamaDouble, folder: ModelFolder, control_model: TinyModel, tmp_path: Path
) -> None:
    await retag(ollama)
    newer = tmp_path / "newer.gguf"
    newer.write_bytes(control_model.text_gguf.read_bytes() + bytes(32))
    folder.add("deepseek-ocr:latest", newer, control_model.mmproj_gguf)
    assert await retag(ollama)
    assert (uploads(ollama), len(folder.models)) == (2, 2)


async def test_another_model_of_that_name_is_not_replaced(
    ollama: OllamaDouble, folder: ModelFolder, control_model: TinyModel
) -> None:
    folder.add("deepseek-ocr-tags:latest", control_model.text_gguf)
    with pytest.raises(UsageError, match="no such copy"):
        await retag(ollama)
    with pytest.raises(UsageError, match="another name"):
        await retag(ollama, replace(REQUEST, copy="deepseek-ocr:latest"))


@pytest.mark.parametrize(
    ("model", "copy"),
    [
        ("deepseek-ocr", "deepseek-ocr-tags"),
        ("deepseek-ocr:3b-bf16", "deepseek-ocr-tags:3b-bf16"),
        ("hf.co/someone/DeepSeek-OCR-GGUF:Q8_0", "DeepSeek-OCR-GGUF-tags:Q8_0"),
    ],
)
def test_the_copy_is_named_after_the_model(model: str, copy: str) -> None:
    assert retagged_name(model) == copy


def test_marks_are_found_by_their_names(control_model: TinyModel, user_model: TinyModel) -> None:
    """Their numbers in the tiny model are not those of the published one."""
    types = read_mark_types(control_model.text_gguf)
    assert types is not None
    assert set(types.known) == set(types.dropped) == set(DEEPSEEK_OCR.special_tokens)
    kept = read_mark_types(user_model.text_gguf)
    assert kept is not None
    assert (set(kept.known), kept.dropped, kept.edits) == (set(DEEPSEEK_OCR.special_tokens), (), ())
    assert read_mark_types(control_model.mmproj_gguf) is None


# ---------------------------------------------------------------- the engine takes it


async def test_the_engine_takes_the_copy_where_no_model_is_named(ollama: OllamaDouble) -> None:
    await retag(ollama)
    async with reading(ollama.url, model=None) as engine:
        prediction = await engine.predict(ask())
    assert (prediction.identity.model, prediction.text) == ("deepseek-ocr-tags", INVOICE.grounded)
    async with reading(ollama.url, model="deepseek-ocr") as engine:
        prediction = await engine.predict(ask())
    assert prediction.identity.model == "deepseek-ocr"
    assert "<td>" not in prediction.text


async def test_the_copy_has_answers_of_its_own_in_the_cache(ollama: OllamaDouble) -> None:
    async with reading(ollama.url, model=None) as engine:
        before = await engine.fingerprint(Task.MARKDOWN, None)
    await retag(ollama)
    async with reading(ollama.url, model=None) as engine:
        assert await engine.fingerprint(Task.MARKDOWN, None) != before


async def test_an_ollama_that_keeps_all_marks_needs_no_copy(ollama: OllamaDouble) -> None:
    await retag(ollama)
    ollama.version = "0.24.0"
    async with retagging(ollama) as work:
        assert "keeps the marks" in (await work.why_not_needed() or "")
    async with reading(ollama.url, model=None) as engine:
        assert (await engine.identify()).model == "deepseek-ocr"


async def test_a_model_that_has_no_marks_to_lose_needs_no_copy(ollama: OllamaDouble) -> None:
    async with retagging(ollama) as work:
        assert await work.why_not_needed() is None
    await retag(ollama)
    async with retagging(ollama, RetagRequest(model="deepseek-ocr-tags", copy="x")) as work:
        assert "already" in (await work.why_not_needed() or "")


@pytest.mark.parametrize(("model", "kept"), [("deepseek-ocr-tags", True), ("deepseek-ocr", False)])
async def test_an_answer_shows_whether_the_marks_survive(ollama: OllamaDouble, model: str, kept: bool) -> None:
    await retag(ollama)
    async with reading(ollama.url, model=model) as engine:
        assert await answers_hold_marks(engine) is kept


# ---------------------------------------------------------------- what can be in the way


async def failure(ollama: OllamaDouble, request: RetagRequest = REQUEST) -> ModelFileError:
    with pytest.raises(ModelFileError) as caught:
        await retag(ollama, request)
    assert not any(request.path == "/api/create" for request in ollama.requests)
    return caught.value


async def test_a_model_that_is_not_there_is_named_with_the_way_to_get_it(ollama: OllamaDouble) -> None:
    with pytest.raises(ModelMissingError, match="no model 'other'") as caught:
        await retag(ollama, RetagRequest(model="other", copy="x"))
    assert caught.value.hint == "Run 'ollama pull other' there."


async def test_a_file_in_a_container_is_told_with_the_way_to_get_it_out(
    ollama: OllamaDouble, folder: ModelFolder, control_model: TinyModel
) -> None:
    folder.shown_path = Path("/root/.ollama/models-of-a-container")
    error = await failure(ollama)
    assert "container" in error.message
    assert "docker cp CONTAINER:/root/.ollama/models-of-a-container/blobs/sha256-" in error.hint
    assert await retag(ollama, replace(REQUEST, gguf=control_model.text_gguf))


async def test_a_folder_that_is_mounted_elsewhere_is_found_by_ollama_models(
    ollama: OllamaDouble, folder: ModelFolder
) -> None:
    folder.shown_path = Path("/root/.ollama/models-of-a-container")
    assert await retag(ollama, replace(REQUEST, models_folder=str(folder.path)))


async def test_a_file_that_is_not_the_models_is_refused(ollama: OllamaDouble, user_model: TinyModel) -> None:
    error = await failure(ollama, replace(REQUEST, gguf=user_model.text_gguf))
    assert "is not the file of 'deepseek-ocr'" in error.message


async def test_a_file_that_a_server_names_without_being_its_own_is_not_sent_there(
    ollama: OllamaDouble, folder: ModelFolder, user_model: TinyModel
) -> None:
    """Whoever answers in place of Ollama could name any file of the user's."""
    digest = folder.models["deepseek-ocr:latest"].digests[0]
    folder.blob(digest).write_bytes(user_model.text_gguf.read_bytes())
    error = await failure(ollama)
    assert ("Pull the model again" in error.hint, uploads(ollama)) == (True, 0)


async def test_a_file_of_another_kind_is_refused(ollama: OllamaDouble, tmp_path: Path) -> None:
    (tmp_path / "x.gguf").write_bytes(b"no model at all")
    assert "is no GGUF file" in (await failure(ollama, replace(REQUEST, gguf=tmp_path / "x.gguf"))).message
    assert "cannot be read" in (await failure(ollama, replace(REQUEST, gguf=tmp_path / "y.gguf"))).message


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
async def test_a_file_of_another_user_is_told_with_the_way_to_read_it(
    ollama: OllamaDouble, folder: ModelFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)  # root may read everything
    with pytest.raises(ModelFileError) as caught:
        await retag(ollama)
    assert "belongs to another user" in caught.value.message
    assert "sudo" in caught.value.hint


async def test_an_ollama_on_another_machine_is_told_with_the_way_to_go_on() -> None:
    part = model_files.ModelPart(path="/root/.ollama/models/blobs/sha256-00", digest="00")
    with pytest.raises(ModelFileError, match="runs on another machine") as caught:
        model_files.find_model_file(part, url="http://gpu-box:11434", models_folder=None)
    assert "--gguf" in caught.value.hint


def test_a_disk_without_room_is_told_before_anything_is_done(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"needs 1000000000\.0 GB") as caught:
        model_files.require_space(tmp_path, 10**18)
    assert "are free" in caught.value.message


async def test_the_package_that_reads_model_files_is_named_where_it_is_missing(
    ollama: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gguf", None)
    with pytest.raises(EngineUnavailableError) as caught:
        await retag(ollama)
    assert "pip install 'ollama-ocr-mcp[retag]'" in caught.value.hint


# ---------------------------------------------------------------- the command


def test_the_command_says_what_it_will_do_does_it_and_looks_at_an_answer(ollama: OllamaDouble) -> None:
    dry = run("models", "retag", "--dry-run", ollama=ollama)
    assert (dry.returncode, dry.stdout) == (0, "Nothing was changed: this was a dry run.\n")
    assert "9 tokens of another type: <|grounding|> <|ref|>" in dry.stderr
    assert "of Ollama's disk" in dry.stderr
    assert uploads(ollama) == 0
    assert "<td> </td> <tr> </tr> out of the answers of deepseek-ocr" in run("engines", ollama=ollama).stdout
    done = run("models", "retag", "deepseek-ocr", ollama=ollama)
    assert (done.returncode, done.stdout) == (0, "'deepseek-ocr-tags' is made. It is used from now on.\n")
    assert "an answer of 'deepseek-ocr-tags' held its marks" in done.stderr
    assert "out of the answers" not in run("engines", ollama=ollama).stdout
    again = run("models", "retag", "--no-probe", ollama=ollama)
    assert (again.returncode, "is there already" in again.stdout) == (0, True)


def test_the_command_fails_where_no_answer_holds_a_mark(folder: ModelFolder) -> None:
    with OllamaDouble(answer="Nothing marked.", models=folder) as ollama:
        done = run("models", "retag", ollama=ollama)
    assert (done.returncode, "held no marks" in done.stderr) == (1, True)
