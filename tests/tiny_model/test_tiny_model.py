"""What the tiny model can be given to recite; that it does recite it is tested where a server runs it."""

from pathlib import Path
from typing import Literal

import pytest
from gguf import GGUFReader, TokenType

from tests.tiny_model import MARKUP, ScriptedPage, write_tiny_model


@pytest.mark.parametrize(
    ("special_tokens", "token_type"), [("control", TokenType.CONTROL), ("user", TokenType.USER_DEFINED)]
)
def test_markup_has_the_type_that_was_asked_for(
    tmp_path: Path, special_tokens: Literal["control", "user"], token_type: TokenType
) -> None:
    model = write_tiny_model(tmp_path, [ScriptedPage(hue=0, plain="Some text")], special_tokens=special_tokens)
    reader = GGUFReader(model.text_gguf)
    names, types = (reader.fields[f"tokenizer.ggml.{field}"].contents() for field in ("tokens", "token_type"))
    type_of = dict(zip(names, types, strict=True))
    assert {type_of[name] for name in MARKUP} == {token_type}


def test_a_script_that_a_markov_chain_cannot_follow_is_refused(tmp_path: Path) -> None:
    """Between the cells there is nothing that says which of them comes next."""
    page = ScriptedPage(hue=0, plain="<tr><td></td><td></td></tr>")
    with pytest.raises(ValueError, match="not clearly"):
        write_tiny_model(tmp_path, [page], special_tokens="user")


def test_one_script_makes_one_file(tmp_path: Path) -> None:
    written: list[bytes] = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        model = write_tiny_model(tmp_path / name, [ScriptedPage(hue=0, plain="Some text")], special_tokens="user")
        written.append(model.text_gguf.read_bytes())
    assert written[0] == written[1]
