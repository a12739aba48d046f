"""The model as the two GGUF files that llama-server loads."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from gguf import GGUFWriter, TokenType

from tests.tiny_model import text_model, vision_model
from tests.tiny_model.pages import ScriptedPage
from tests.tiny_model.script import BEGIN, END, MERGES, PADDING, Script, Vocabulary, write_script

CONTEXT = 8192
MARKUP_TYPES = {"control": TokenType.CONTROL, "user": TokenType.USER_DEFINED}


@dataclass(frozen=True)
class TinyModel:
    """The files of a model: the text model, and what turns pictures into its tokens."""

    text_gguf: Path
    mmproj_gguf: Path


def write_tiny_model(
    folder: Path, pages: Sequence[ScriptedPage], *, special_tokens: Literal["control", "user"]
) -> TinyModel:
    """A model that recites `pages`, in `folder`.

    `special_tokens` is the type of `<|ref|>`, `<td>` and the like (`script.MARKUP`): "control" as in the published
    file, so that a server drops them from answers, or "user", so that it writes them.
    """
    model = TinyModel(folder / "text.gguf", folder / "mmproj.gguf")
    _write_text_model(model.text_gguf, write_script(pages, MARKUP_TYPES[special_tokens]))
    _write_vision_model(model.mmproj_gguf)
    return model


def _write_text_model(path: Path, script: Script) -> None:
    writer = GGUFWriter(path, "deepseek2-ocr")
    writer.add_name("tiny DeepSeek-OCR (scripted)")
    _describe_text_model(writer, script.vocabulary)
    _describe_tokenizer(writer, script.vocabulary)
    _write(writer, text_model.text_tensors(script))


def _describe_text_model(writer: GGUFWriter, vocabulary: Vocabulary) -> None:
    writer.add_vocab_size(len(vocabulary))
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(text_model.WIDTH)
    writer.add_block_count(text_model.LAYERS)
    writer.add_leading_dense_block_count(text_model.DENSE_LAYERS)
    writer.add_feed_forward_length(text_model.DENSE_WIDTH)
    writer.add_expert_feed_forward_length(text_model.EXPERT_WIDTH)
    writer.add_expert_count(text_model.EXPERTS)
    writer.add_expert_used_count(text_model.EXPERTS_USED)
    writer.add_expert_shared_count(text_model.SHARED_EXPERTS)
    writer.add_head_count(text_model.HEADS)
    writer.add_head_count_kv(text_model.HEADS)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(text_model.ROPE_BASE)
    writer.add_rope_dimension_count(text_model.HEAD)


def _describe_tokenizer(writer: GGUFWriter, vocabulary: Vocabulary) -> None:
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("deepseek-v3")
    writer.add_token_list(list(vocabulary.types))
    writer.add_token_types(list(vocabulary.types.values()))
    writer.add_token_merges(list(MERGES))
    writer.add_bos_token_id(vocabulary.number(BEGIN))
    writer.add_eos_token_id(vocabulary.number(END))
    writer.add_pad_token_id(vocabulary.number(PADDING))
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_chat_template("{% for m in messages %}{{m['content']}}{% endfor %}")


def _write_vision_model(path: Path) -> None:
    writer = GGUFWriter(path, "clip")
    writer.add_type("mmproj")
    writer.add_clip_has_vision_encoder(True)
    writer.add_clip_projector_type("deepseekocr")
    writer.add_vision_use_gelu(True)
    _describe_vision_model(writer)
    _write(writer, vision_model.vision_tensors())


def _describe_vision_model(writer: GGUFWriter) -> None:
    writer.add_vision_projection_dim(text_model.WIDTH)
    writer.add_vision_image_size(vision_model.IMAGE_SIZE)
    writer.add_vision_patch_size(vision_model.PATCH)
    writer.add_vision_image_mean([0.5, 0.5, 0.5])
    writer.add_vision_image_std([0.5, 0.5, 0.5])
    writer.add_vision_embedding_length(vision_model.CLIP_WIDTH)
    writer.add_vision_feed_forward_length(vision_model.CLIP_FEED_FORWARD)
    writer.add_vision_block_count(vision_model.CLIP_LAYERS)
    writer.add_vision_head_count(vision_model.CLIP_HEADS)
    writer.add_vision_attention_layernorm_eps(1e-6)
    writer.add_uint32("clip.vision.window_size", vision_model.WINDOW)
    writer.add_uint32("clip.vision.sam.block_count", vision_model.SAM_LAYERS)
    writer.add_uint32("clip.vision.sam.embedding_length", vision_model.SAM_WIDTH)
    writer.add_uint32("clip.vision.sam.head_count", vision_model.SAM_HEADS)


def _write(writer: GGUFWriter, tensors: text_model.Tensors) -> None:
    for name, tensor in tensors.items():
        writer.add_tensor(name, np.ascontiguousarray(tensor))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
