"""By what the title of an article is looked up."""

from rag.language.lexicon import LEXICON
from rag.language.vietnamese import fold, words
from rag.law.lexicon import LAW_LEXICON

__all__ = ["title_key"]

# Words that tell nothing of what a title is about, or only ask.
_FILLERS = LEXICON.words("question_fillers") | LAW_LEXICON.words("title_fillers")


def title_key(title: str) -> str:
    """Return what is the same for a title however it is typed, and for a question that asks it.

    "Nghĩa vụ của khách du lịch" and "khach du lich co nghia vu gi" have the same telling words.
    """
    return " ".join(sorted({fold(word) for word in words(title)} - _FILLERS))
