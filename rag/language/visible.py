"""Show characters that would otherwise act unseen: on a terminal, or on how text reads."""

import json
import re

__all__ = ["visible", "visible_json"]

_SHOWN = "\ufffd"
_ACTING = dict.fromkeys(
    [
        *range(0x09),
        *range(0x0B, 0x20),  # all control characters but tab and line feed
        *range(0x7F, 0xA0),
        0x061C,
        0x200F,  # the left-to-right mark U+200E changes nothing in text from left to right
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
        0x2028,
        0x2029,
        *range(0xD800, 0xE000),
    ],
    _SHOWN,
)
_ANY_ACTING = re.compile(f"[{''.join(map(re.escape, map(chr, _ACTING)))}]")


def visible(text: str) -> str:
    """Return text with U+FFFD for each character that acts instead of being read.

    These are control characters other than tab and line feed (a terminal obeys them), those that
    turn the direction of text (a quote or a name could read otherwise than it is), separators of
    lines and paragraphs, and halves of surrogate pairs. Each is replaced by one character, so that
    positions hold.
    """
    return text.translate(_ACTING)


def visible_json(value: object) -> str:
    """Return a value as JSON on one line, with characters that act written as escapes.

    It says just what the value says; but a terminal to which it is printed obeys nothing in it.
    """
    return _ANY_ACTING.sub(
        lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False)
    )
