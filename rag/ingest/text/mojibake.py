"""Mend UTF-8 that was read in another encoding, such as "Viá»‡t" for "Việt"."""

from ftfy import TextFixerConfig, fix_encoding_and_explain

__all__ = ["mend_mojibake"]

# Only text that decodes as a whole is mended: nothing is guessed, replaced or dropped.
_WHOLE_ONLY = TextFixerConfig(
    restore_byte_a0=False,
    replace_lossy_sequences=False,
    decode_inconsistent_utf8=False,
    fix_c1_controls=False,
)


def mend_mojibake(text: str) -> str:
    """Return text as it was before it was read wrongly, once or more; else as it is.

    The text is of one encoding throughout, or it is left alone.
    """
    mended = fix_encoding_and_explain(text, _WHOLE_ONLY).text
    # UTF-8 becomes shorter. What keeps its length is windows-1252 that was read as Latin-1.
    return mended if len(mended) < len(text) else text
