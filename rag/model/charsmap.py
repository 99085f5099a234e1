"""Write a character map in the form that SentencePiece and `tokenizers` call a charsmap.

The form: a little-endian u32 with the size in bytes of a double-array trie, the trie's
u32 units, then the replacements as zero-terminated UTF-8. The trie's keys are the UTF-8
bytes of what is replaced; its values are offsets into the replacements. The bits of a unit
are those of darts-clone (https://github.com/s-yata/darts-clone, doc/en/Data-Structure).
"""

import struct
from collections.abc import Iterator, Mapping

__all__ = ["build_charsmap"]

_HAS_LEAF = 1 << 8
_WIDE_OFFSET = 1 << 9
_IS_LEAF = 1 << 31
_MAX_NARROW_OFFSET = 1 << 21

_Trie = dict[int, "_Trie"]
_LEAF = 0  # no key contains a zero byte, so this label can mark the end of one


def build_charsmap(replacements: Mapping[str, str]) -> bytes:
    """Return the binary charsmap that replaces each key by its value.

    Args:
        replacements: What is replaced, and by what. Keys must not be empty nor contain U+0000.

    Raises:
        ValueError: If a key is empty or contains U+0000.
    """
    text = bytearray()
    offset_of: dict[str, int] = {}
    trie: _Trie = {}
    value_of: dict[int, int] = {}
    for key, value in sorted(replacements.items()):
        if not key or "\0" in key:
            raise ValueError(f"a charsmap key must be non-empty and without U+0000, got {key!r}")
        if value not in offset_of:
            offset_of[value] = len(text)
            text += value.encode() + b"\0"
        node = trie
        for byte in key.encode():
            node = node.setdefault(byte, {})
        leaf: _Trie = {}
        node[_LEAF] = leaf
        value_of[id(leaf)] = offset_of[value]
    units = _double_array(trie, value_of)
    return struct.pack(f"<I{len(units)}I", 4 * len(units), *units) + bytes(text)


def _double_array(trie: _Trie, value_of: Mapping[int, int]) -> list[int]:
    """Lay the trie out so that the child for a label stands at `node ^ offset ^ label`."""
    units = [0] * 256
    used = {0}
    pending: list[tuple[int, _Trie]] = [(0, trie)]
    first_free = 1
    while pending:
        position, node = pending.pop()
        while first_free in used:
            first_free += 1
        base = next(
            base
            for base in _bases(position, next(iter(node)), first_free)
            if all((base ^ label) not in used for label in node)
        )
        if base >= len(units):
            units += [0] * (256 * (base // 256 + 1) - len(units))
        units[position] |= _offset_bits(position ^ base) | (_HAS_LEAF if _LEAF in node else 0)
        for label, child in node.items():
            used.add(base ^ label)
            if label == _LEAF:
                units[base] = value_of[id(child)] | _IS_LEAF
            else:
                units[base ^ label] = label
                pending.append((base ^ label, child))
    return units


def _bases(position: int, label: int, first_free: int) -> Iterator[int]:
    """Yield the places a node's children may be put, nearest the free front first."""
    candidate = first_free
    while True:
        base = candidate ^ label
        offset = position ^ base
        if offset and (offset < _MAX_NARROW_OFFSET or not offset & 0xFF):
            yield base
        candidate += 1


def _offset_bits(offset: int) -> int:
    if offset < _MAX_NARROW_OFFSET:
        return offset << 10
    return (offset >> 8) << 10 | _WIDE_OFFSET
