"""The words of a slide's text frames, with the bullets and numbers that PowerPoint shows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from rag.ingest.extract import clean
from rag.ingest.office.slide_visibility import Words
from rag.language.numerals import repeated_letters, roman

__all__ = ["TextStyles", "frame_paragraphs", "frame_text"]

_A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P: Final = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_M: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_BULLETS: Final = tuple(_A + name for name in ("buNone", "buChar", "buAutoNum", "buBlip"))
_SCHEME = re.compile(r"(arabic|alphaLc|alphaUc|romanLc|romanUc)(Period|ParenR|ParenBoth|Plain)")
_MAX_LEVEL = 8


@dataclass(frozen=True, slots=True)
class TextStyles:
    """Where the bullets of a text frame are looked up, the nearest first.

    Attributes:
        lists: a:lstStyle and their like, of the shape, its layout and its master.
    """

    lists: tuple[Any, ...] = ()

    @classmethod
    def of(cls, shape: Any) -> "TextStyles":
        """Return the styles of a shape; a placeholder has those of its layout and master too."""
        lists = list(shape._element.iter(_A + "lstStyle"))[:1]
        if not shape.is_placeholder:
            return cls(tuple(lists))
        base = getattr(shape, "_base_placeholder", None)
        while base is not None:
            lists += list(base._element.iter(_A + "lstStyle"))[:1]
            base = getattr(base, "_base_placeholder", None)
        kind = shape.placeholder_format.type.name
        if kind in ("BODY", "OBJECT", "VERTICAL_BODY", "VERTICAL_OBJECT"):
            layout = getattr(shape.part, "slide_layout", None)
            if layout is not None:
                master = layout.slide_master._element
                lists += master.findall(f"{_P}txStyles/{_P}bodyStyle")
        return cls(tuple(lists))

    def bullet(self, properties: Any, level: int) -> Any:
        """Return the element that says what stands before a paragraph; None if nothing says."""
        said = [properties] if properties is not None else []
        said += [found for each in self.lists for found in each.findall(f"{_A}lvl{level + 1}pPr")]
        for each in said:
            for child in each:
                if child.tag in _BULLETS:
                    return child
        return None


def frame_text(frame: Any, sight: Words | None = None) -> str:
    """Return the words of a text frame, a line for each paragraph, those that are seen.

    Args:
        frame: The text frame.
        sight: Tells what is seen; None if all is.
    """
    paragraphs = frame._txBody.iter(_A + "p")
    return "\n".join(_words(paragraph, sight) for paragraph in paragraphs).strip()


def frame_paragraphs(frame: Any, styles: TextStyles, sight: Words | None = None) -> Iterator[str]:
    """Yield the paragraphs of a text frame that have words, with their bullets and numbers.

    Args:
        frame: The text frame.
        styles: Where bullets are looked up.
        sight: Tells what is seen; None if all is.
    """
    counts: dict[int, int] = {}
    for paragraph in frame._txBody.iter(_A + "p"):
        text = clean(_words(paragraph, sight))
        if not text:
            continue
        properties = paragraph.find(_A + "pPr")
        said = "0" if properties is None else properties.get("lvl", "0")
        level = min(int(said), _MAX_LEVEL) if said.isdecimal() else 0
        bullet = styles.bullet(properties, level)
        for below in [known for known in counts if known > level]:
            del counts[below]
        if bullet is None or bullet.tag == _A + "buNone":
            counts.pop(level, None)
            yield text
        elif bullet.tag == _A + "buAutoNum":
            start = bullet.get("startAt", "1")
            first = int(start) if start.isdecimal() else 1
            counts[level] = counts[level] + 1 if level in counts else first
            yield f"{_number(counts[level], bullet.get('type', ''))} {text}"
        else:
            counts.pop(level, None)
            yield f"{'+' if bullet.get('char') == '+' else '-'} {text}"


def _words(paragraph: Any, sight: Words | None) -> str:
    """Return a paragraph's words, without the number of the slide and the day of the showing."""
    words = ""
    usual = None if sight is None else _usual(paragraph)
    for child in paragraph.iter(_A + "t", _M + "t", _A + "br"):
        parent = child.getparent()
        kind = parent.get("type", "") if parent.tag == _A + "fld" else ""
        if child.tag == _A + "br":
            words += "\n"
        elif kind != "slidenum" and not kind.startswith("datetime"):
            text = child.text or ""
            words += text if sight is None else sight.seen(text, parent, usual)
    return words


def _usual(paragraph: Any) -> Any:
    """Return what a frame itself says of the words of a paragraph; None if nothing."""
    properties = paragraph.find(_A + "pPr")
    said = "0" if properties is None else properties.get("lvl", "0")
    level = min(int(said), _MAX_LEVEL) if said.isdecimal() else 0
    frame = paragraph.getparent()
    return frame.find(f"{_A}lstStyle/{_A}lvl{level + 1}pPr/{_A}defRPr")


def _number(number: int, scheme: str) -> str:
    match = _SCHEME.match(scheme)
    if match is None:
        return f"{number}."
    match match[1]:
        case "alphaLc":
            written = repeated_letters(number)
        case "alphaUc":
            written = repeated_letters(number).upper()
        case "romanLc":
            written = roman(number)
        case "romanUc":
            written = roman(number).upper()
        case _:
            written = str(number)
    return {"ParenR": f"{written})", "ParenBoth": f"({written})", "Plain": written}.get(
        match[2], f"{written}."
    )
