"""What a person typed, understood."""

import unicodedata
from dataclasses import dataclass

from rag.diacritics import DiacriticRestorer, lacks_marks
from rag.documents import Language
from rag.errors import QuestionError
from rag.language import guess_language
from rag.vietnamese import nfc

__all__ = ["MAX_QUESTION", "Query", "analyse"]

MAX_QUESTION = 2_000
"""The most characters a question may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question.

    Attributes:
        typed: As it was typed, NFC, white space collapsed.
        text: As it is asked of the documents: with its marks restored if it had none.
        language: In which the answer is framed.
    """

    typed: str
    text: str
    language: Language

    @property
    def restored(self) -> bool:
        """Whether the question is understood otherwise than it was typed."""
        return self.text != self.typed


def analyse(question: str, restorer: DiacriticRestorer) -> Query:
    """Understand a question.

    Raises:
        QuestionError: If it is empty, too long or no text.
    """
    typed = _cleaned(question)
    language = guess_language(typed)
    text = typed
    if language is Language.VIETNAMESE and lacks_marks(typed):
        text = restorer.restore(typed)
    return Query(typed=typed, text=text, language=language)


def _cleaned(question: str) -> str:
    if len(question) > MAX_QUESTION:
        raise QuestionError(
            f"the question has {len(question):,} characters, at most {MAX_QUESTION:,} are read; "
            "ask in a sentence or two",
            f"Câu hỏi dài {len(question):,} ký tự, tối đa là {MAX_QUESTION:,}. "
            "Xin hỏi gọn trong một hai câu.",
        )
    kept = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in nfc(question))
    typed = " ".join(kept.split())
    if not typed:
        raise QuestionError(
            "the question is empty; type what you want to know",
            "Chưa có câu hỏi. Xin nhập điều cần biết.",
        )
    if not any(character.isalnum() for character in typed):
        raise QuestionError(
            f"there are no words in the question {typed[:40]!r}; type what you want to know",
            f"Câu hỏi “{typed[:40]}” không có từ nào. Xin nhập điều cần biết.",
        )
    return typed
