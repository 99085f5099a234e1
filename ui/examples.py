"""Example questions that the indexed documents really answer."""

import logging
import re
import threading
from collections.abc import Iterator

from rag.assistant import Assistant
from rag.documents import Document, Language
from rag.errors import TrichDanError
from rag.permissions import EVERYTHING, Scope
from rag.vietnamese import fold

__all__ = ["Examples", "find_examples"]

_logger = logging.getLogger(__name__)
_SHOWN = 6
_SURE = 0.5  # an example is answered with at least this confidence
_TRIED = 60  # questions at most, of about an eighth of a second each
_LONGEST = 70  # characters
_KNOWN = (
    "Chủ đề năm 2024 của WCO là gì?",
    "What is Operation Demeter?",
    "ASEM 13 da thong qua nhung gi?",
    "What did ASEM 13 adopt?",
    "Hội nghị ASEM 13 có bao nhiêu đoàn tham dự?",
    "Who did Vietnam sign customs agreements with in 2025?",
    "Hải quan Việt Nam đã ký bao nhiêu thỏa thuận hợp tác?",
    "What was the WCO theme for 2024?",
    "muc tieu cua chien dich Demeter la gi",
)
"""Of the documents that ship with the program; asked only if they are answered."""

_ABBREVIATION = re.compile(r"\(([A-ZĐ]{2,8})\)")
_NUMBERING = re.compile(r"^[\W\d_]+|^(?:điều|chương|mục|article|chapter|section)\s+\S+\s*", re.I)


def find_examples(assistant: Assistant, scope: Scope = EVERYTHING) -> tuple[str, ...]:
    """Return questions in both languages that are answered, of different documents where possible.

    Takes a few seconds: each is asked. What the documents name and what their headings say are
    made into questions where those of the shipped documents are not answered.
    """
    documents = [assistant.document(source) for source in assistant.sources(scope)]
    found: list[str] = []
    quoted: set[tuple[str, int]] = set()
    tried = 0
    for question in _candidates(documents):
        if len(found) == _SHOWN or tried == _TRIED:
            break
        tried += 1
        try:
            answer = assistant.ask(question, scope=scope)
        except TrichDanError:
            continue
        if not answer.answerable or answer.confidence < _SURE:
            continue
        place = (answer.quotes[0].document.source, answer.quotes[0].start)
        if place not in quoted or question in _KNOWN:
            quoted.add(place)
            found.append(question)
    return tuple(found)


def _candidates(documents: list[Document]) -> Iterator[str]:
    words = {word for document in documents for word in fold(document.text).split()}
    yield from (one for one in _KNOWN if _names_in(one) & words)
    for document in documents[:: max(1, len(documents) // _TRIED)]:
        vietnamese = document.language is Language.VIETNAMESE
        for short in dict.fromkeys(_ABBREVIATION.findall(document.text)):
            yield f"{short} là gì?" if vietnamese else f"What is {short}?"
        for section in document.sections:
            line = document.text[section.start : section.lead_end].strip("#* \n").split("\n")[0]
            heading = _NUMBERING.sub("", line).strip(" :.")
            if 8 <= len(heading) <= _LONGEST:
                yield f"{heading}?"


def _names_in(question: str) -> set[str]:
    """Return the folded words of a question that are names, by which its document is known."""
    return {fold(word) for word in re.findall(r"\b(?:[A-Z]{2,}|Demeter)\b", question)} or {
        fold(word) for word in question.split()
    }


class Examples:
    """Finds examples beside the serving, once for each generation of the index.

    Args:
        scope: What everybody may read.
    """

    def __init__(self, scope: Scope = EVERYTHING) -> None:
        self._scope = scope
        self._lock = threading.Lock()
        self._of: Assistant | None = None
        self._found: tuple[str, ...] | None = None

    def get(self, assistant: Assistant) -> tuple[str, ...] | None:
        """Return the examples, or None while they are being looked for."""
        with self._lock:
            if self._of is not assistant:
                self._of, self._found = assistant, None
                threading.Thread(target=self._find, args=(assistant,), daemon=True).start()
            return self._found

    def _find(self, assistant: Assistant) -> None:
        try:
            found = find_examples(assistant, self._scope)
        except TrichDanError as error:
            _logger.warning("no examples: %s", error)
            found = ()
        with self._lock:
            if self._of is assistant:
                self._found = found
