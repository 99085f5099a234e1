"""By what the title of an article is looked up."""

from rag.language.vietnamese import fold, words

__all__ = ["title_key"]

# Words that tell nothing of what a title is about, or only ask.
_SMALL = frozenset(
    """
    cac nhung cua ve va la gi co thi o theo trong tai nay duoc nhu the nao ra sao gom bao quy dinh
    cho biet xin hoi toi a an and are do does for have in is of on the to what which
    """.split()
)


def title_key(title: str) -> str:
    """Return what is the same for a title however it is typed, and for a question that asks it.

    "Nghĩa vụ của khách du lịch" and "khach du lich co nghia vu gi" have the same telling words.
    """
    return " ".join(sorted({fold(word) for word in words(title)} - _SMALL))
