"""Tell what can answer at all from what only asks, or tells a machine what to say."""

import re

__all__ = ["is_statement"]

# Words for programs that answer by language models. This one obeys nothing, but what it quotes is
# read as what the document states.
_TO_A_MACHINE = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b[^.!?]{0,40}\b(?:instructions?|prompts?|rules)\b"
    r"|^\W*(?:please\s+)?(?:answer|reply|respond|say)\s+(?:only\s+)?(?:that|with)\b"
    r"|\b(?:and|then)\s+(?:answer|reply|respond|say)\s+(?:only\s+)?(?:that|with)\b"
    r"|\byou\s+are\s+(?:now\s+)?(?:an?\s+|the\s+)?(?:ai|assistant|chatbot|language\s+model)\b"
    r"|\b(?:bỏ\s+qua|quên|phớt\s+lờ)\b[^.!?]{0,40}\b(?:hướng\s+dẫn|chỉ\s+dẫn|chỉ\s+thị|yêu\s+cầu)"
    r"[^.!?]{0,20}\b(?:trước|trên)\b"
    r"|^\W*(?:hãy|xin|vui\s+lòng)\s+(?:chỉ\s+)?trả\s+lời\s+(?:rằng|là)\b"
    r"|\bvà\s+(?:hãy\s+)?trả\s+lời\s+rằng\b",
    re.I,
)
_ASKS = re.compile(r"\?[\s\"'”’»)\]*_]*$")


def is_statement(sentence: str) -> bool:
    """Tell whether a sentence states something, so that it may be quoted as an answer.

    A question does not, whoever repeats it how often; nor do words that tell a machine what to
    answer.
    """
    return not _ASKS.search(sentence) and not _TO_A_MACHINE.search(sentence)
