"""Questions with the evidence that answers them, and when a quote counts as right."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rag.domain.documents import Document, Passage
from rag.domain.quote import Quote
from rag.errors import GoldError
from rag.language.vietnamese import nfc

__all__ = ["GoldEvidence", "GoldQuestion", "is_right", "read_gold", "stands_in"]

_SMALLEST_RIGHT_F1 = 0.5
_LONGEST_CONTAINING_QUOTE = 600  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldEvidence:
    """Words of a document that answer.

    Attributes:
        start: Where they stand; None for the first place where the document has them.
    """

    source: str
    quote: str
    start: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldQuestion:
    """A question, in which groups its score is counted, and the evidence: any of it will do.

    Attributes:
        history: The earlier questions of its conversation, each under "question".
    """

    identifier: str
    question: str
    groups: tuple[str, ...]
    answerable: bool
    evidence: tuple[GoldEvidence, ...]
    history: tuple[Mapping[str, str], ...] = ()


def read_gold(path: Path) -> tuple[GoldQuestion, ...]:
    """Read a file of questions, one JSON object a line.

    Raises:
        GoldError: If the file cannot be read or a line is not of this form.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise GoldError("gold.not_utf8", path=path, error=error) from error
    questions = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
            questions.append(
                GoldQuestion(
                    identifier=value["id"],
                    question=value["question"],
                    groups=(value["lang"],),
                    answerable=value["answerable"],
                    evidence=tuple(
                        GoldEvidence(source=evidence["source"], quote=nfc(evidence["quote"]))
                        for evidence in value["evidence"]
                    ),
                    history=tuple(
                        {"question": turn["question"]} for turn in value.get("history", ())
                    ),
                )
            )
        except (ValueError, KeyError, TypeError) as error:
            raise GoldError(
                "gold.line_not_understood",
                path=path,
                number=number,
                name=type(error).__name__,
                error=error,
            ) from error
    if not questions:
        raise GoldError("gold.no_questions", path=path)
    return tuple(questions)


def is_right(quote: Quote, evidence: GoldEvidence) -> bool:
    """Tell whether a quote is that evidence.

    It is if the characters of both have F1 of at least .5, or if the quote contains the
    evidence and is no longer than 600 characters.
    """
    start = _start_in(quote.document, evidence)
    if start is None:
        return False
    end = start + len(evidence.quote)
    shared = max(0, min(end, quote.end) - max(start, quote.start))
    # F1 is twice what is shared, divided by the sum of both lengths.
    f1 = 2 * shared / (end - start + quote.end - quote.start)
    contains = shared == end - start and quote.end - quote.start <= _LONGEST_CONTAINING_QUOTE
    return f1 >= _SMALLEST_RIGHT_F1 or contains


def stands_in(passage: Passage, document: Document, evidence: GoldEvidence) -> bool:
    """Tell whether the evidence begins in a passage of a document."""
    start = _start_in(document, evidence)
    return start is not None and passage.start <= start < passage.end


def _start_in(document: Document, evidence: GoldEvidence) -> int | None:
    if document.source != evidence.source:
        return None
    start = evidence.start
    if start is None:
        start = document.text.find(evidence.quote)
    return start if start >= 0 else None
