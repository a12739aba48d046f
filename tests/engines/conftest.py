"""Real llama-servers that recite `recited_pages`."""

import importlib.util
from collections.abc import Iterator
from typing import Literal

import pytest

from tests.doubles.llama_server import llama_server
from tests.engines.recited_pages import PAGES
from tests.tiny_model import TinyModel, write_tiny_model


def _model(factory: pytest.TempPathFactory, special_tokens: Literal["control", "user"]) -> TinyModel:
    if importlib.util.find_spec("xllamacpp") is None:
        pytest.skip("the package xllamacpp, which holds llama-server, is not installed")
    return write_tiny_model(factory.mktemp(f"tiny-model-{special_tokens}"), PAGES, special_tokens=special_tokens)


@pytest.fixture(scope="session")
def control_model(tmp_path_factory: pytest.TempPathFactory) -> TinyModel:
    """A model whose markup is of the type that published files have: servers drop it from answers."""
    return _model(tmp_path_factory, "control")


@pytest.fixture(scope="session")
def user_model(tmp_path_factory: pytest.TempPathFactory) -> TinyModel:
    """A model whose markup is of the type that servers write."""
    return _model(tmp_path_factory, "user")


@pytest.fixture(scope="session")
def control_server(control_model: TinyModel) -> Iterator[str]:
    """The URL of a llama-server that drops markup."""
    with llama_server(control_model) as url:
        yield url


@pytest.fixture(scope="session")
def user_server(user_model: TinyModel) -> Iterator[str]:
    """The URL of a llama-server that writes markup."""
    with llama_server(user_model) as url:
        yield url


@pytest.fixture(scope="session")
def narrow_server(user_model: TinyModel) -> Iterator[str]:
    """The URL of a llama-server with a context of 512 tokens."""
    with llama_server(user_model, context_tokens=512) as url:
        yield url
