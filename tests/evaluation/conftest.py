"""A real llama-server, as the engines' tests have it."""

from tests.engines.conftest import user_model, user_server

__all__ = ["user_model", "user_server"]
