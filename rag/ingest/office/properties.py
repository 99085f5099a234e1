"""What the properties of an office file say of it, where they say something true."""

import re
from collections.abc import Mapping
from pathlib import Path

from rag.ingest.extract import clean
from rag.ingest.office.archive import OfficeArchive
from rag.language.vietnamese import fold

__all__ = ["read_properties", "real_author", "real_title"]

_MAX_TITLE = 300
# Programs fill in the title: a default name, the file's name, or the first line of the text, which
# of an official letter is the name of the state or of the office that sends it. Compared folded.
_NO_TITLE = re.compile(
    r"(?:microsoft (?:word|powerpoint|excel)\b.*|untitled\b.*|khong (?:co )?(?:tieu de|ten)"
    r"|(?:document|presentation|slide|doc|book|tai lieu|ban trinh bay|so lam viec)\s*\d*"
    r"|powerpoint presentation|bai thuyet trinh(?: powerpoint)?|trang tinh\s*\d*|title|tieu de"
    r"|cong hoa xa hoi chu nghia viet nam.*|doc lap\s*-.*|so\s*:.*"
    r"|(?:bo|so|uy ban|uy ban nhan dan|ubnd|quoc hoi|chinh phu|thu tuong chinh phu)"
    r"(?: \w+){0,4}|mau (?:so )?\S+|\S+\.(?:docx?|dotx?|pptx?|xlsx?|pdf|odt|rtf|html?))",
    re.I,
)
_SIGNS = re.compile(r"[\W_]+")
_NO_AUTHOR = re.compile(
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
        len(cleaned) > _MAX_TITLE
        or not any(letter.isalpha() for letter in cleaned)
        or _NO_TITLE.fullmatch(folded) is not None
        or _SIGNS.sub("", folded) == _SIGNS.sub("", fold(path.stem))
    )
    return "" if made_up else cleaned


def real_author(author: str) -> str:
    """Return the author that a file's properties state; "" if it is only a computer's name."""
    cleaned = clean(author).replace("\n", " ")
    return "" if _NO_AUTHOR.fullmatch(fold(cleaned)) else cleaned


def read_properties(archive: OfficeArchive, path: Path) -> Mapping[str, str]:
    """Return title and author of an office file, of each what is known.

    When it was made or changed says nothing of the day that the document is of.
    """
    part = archive.related("", "core-properties")
    if not part:
        return {}
    said = {str(child.tag).rpartition("}")[2]: child.text or "" for child in archive.xml(part)}
    known = {
        "title": real_title(said.get("title", ""), path),
        "author": real_author(said.get("creator", "")),
    }
    return {name: value for name, value in known.items() if value}
