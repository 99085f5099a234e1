"""What the properties of an office file state of it, where that is true."""

import re
from collections.abc import Mapping
from pathlib import Path

from rag.ingest.extract import clean
from rag.ingest.office.archive import OfficeArchive
from rag.language.vietnamese import fold

__all__ = ["read_properties", "real_author", "real_title"]

_MAX_TITLE_CHARACTERS = 300
# Programs fill in the title: a default name, the file's name, or the first line of the text, which
# of an official letter is the name of the state or of the office that sends it. Compared folded.
_MADE_UP_FOLDED_TITLE = re.compile(
    r"(?:microsoft (?:word|powerpoint|excel)\b.*|untitled\b.*|khong (?:co )?(?:tieu de|ten)"
    r"|(?:document|presentation|slide|doc|book|tai lieu|ban trinh bay|so lam viec)\s*\d*"
    r"|powerpoint presentation|bai thuyet trinh(?: powerpoint)?|trang tinh\s*\d*|title|tieu de"
    r"|cong hoa xa hoi chu nghia viet nam.*|doc lap\s*-.*|so\s*:.*"
    r"|(?:bo|so|uy ban|uy ban nhan dan|ubnd|quoc hoi|chinh phu|thu tuong chinh phu)"
    r"(?: \w+){0,4}|mau (?:so )?\S+|\S+\.(?:docx?|dotx?|pptx?|xlsx?|pdf|odt|rtf|html?))",
    re.I,
)
_NON_WORD_CHARACTERS = re.compile(r"[\W_]+")
_MADE_UP_FOLDED_AUTHOR = re.compile(
    r"(?:python-(?:docx|pptx)|steve canny|openpyxl|microsoft.*|windows.*|admin(?:istrator)?s?"
    r"|users?|pc|hp|dell|asus|acer|lenovo|home|laptop.*|desktop.*|may tinh|unknown|author|owner"
    r"|apache poi|libreoffice.*|docx4j|aspose.*|.*\.(?:com|vn|net|org)|\W*|\d+)",
    re.I,
)


def real_title(title: str, path: Path) -> str:
    """Return the title that a file's properties state; "" if a program made it up."""
    cleaned = clean(title).replace("\n", " ")
    folded = fold(cleaned)
    made_up = (
        len(cleaned) > _MAX_TITLE_CHARACTERS
        or not any(letter.isalpha() for letter in cleaned)
        or _MADE_UP_FOLDED_TITLE.fullmatch(folded) is not None
        or _NON_WORD_CHARACTERS.sub("", folded) == _NON_WORD_CHARACTERS.sub("", fold(path.stem))
    )
    return "" if made_up else cleaned


def real_author(author: str) -> str:
    """Return the author that a file's properties state; "" if it is only a computer's name."""
    cleaned = clean(author).replace("\n", " ")
    return "" if _MADE_UP_FOLDED_AUTHOR.fullmatch(fold(cleaned)) else cleaned


def read_properties(archive: OfficeArchive, path: Path) -> Mapping[str, str]:
    """Return title and author of an office file, of each what is known.

    When it was made or changed says nothing of the day that the document is of.
    """
    part = archive.related_part("", "core-properties")
    if not part:
        return {}
    stated = {str(child.tag).rpartition("}")[2]: child.text or "" for child in archive.xml(part)}
    real = {
        "title": real_title(stated.get("title", ""), path),
        "author": real_author(stated.get("creator", "")),
    }
    return {name: value for name, value in real.items() if value}
