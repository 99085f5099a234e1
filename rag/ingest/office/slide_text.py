"""The words of a slide's text frames, with the bullets and numbers that PowerPoint shows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from rag.ingest.extract import clean
from rag.ingest.office.slide_visibility import TextVisibility
from rag.language.numerals import repeated_letters, roman

__all__ = ["TextStyles", "frame_paragraphs", "frame_text"]

_A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P: Final = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_M: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_BULLET_TAGS: Final = tuple(_A + name for name in ("buNone", "buChar", "buAutoNum", "buBlip"))
_NUMBERING_SCHEME = re.compile(
    r"(arabic|alphaLc|alphaUc|romanLc|romanUc)(Period|ParenR|ParenBoth|Plain)"
)
_MAX_LIST_LEVEL = 8


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
        """Return the element that states what stands before a paragraph; None if there is none."""
        sources = [properties] if properties is not None else []
        tag = f"{_A}lvl{level + 1}pPr"
        sources += [style for list_style in self.lists for style in list_style.findall(tag)]
        for source in sources:
            for child in source:
                if child.tag in _BULLET_TAGS:
                    return child
        return None


def frame_text(frame: Any, visibility: TextVisibility | None = None) -> str:
    """Return the words of a text frame, a line for each paragraph, those that are seen.

    Args:
        frame: The text frame.
        visibility: Tells what is seen; None if all is.
    """
    paragraphs = frame._txBody.iter(_A + "p")
    return "\n".join(_visible_words(paragraph, visibility) for paragraph in paragraphs).strip()


def frame_paragraphs(
    frame: Any, styles: TextStyles, visibility: TextVisibility | None = None
) -> Iterator[str]:
    """Yield the paragraphs of a text frame that have words, with their bullets and numbers.

    Args:
        frame: The text frame.
        styles: Where bullets are looked up.
        visibility: Tells what is seen; None if all is.
    """
    counts: dict[int, int] = {}
    for paragraph in frame._txBody.iter(_A + "p"):
        text = clean(_visible_words(paragraph, visibility))
        if not text:
            continue
        properties = paragraph.find(_A + "pPr")
        stated_level = "0" if properties is None else properties.get("lvl", "0")
        level = min(int(stated_level), _MAX_LIST_LEVEL) if stated_level.isdecimal() else 0
        bullet = styles.bullet(properties, level)
        for deeper_level in [counted for counted in counts if counted > level]:
            del counts[deeper_level]
        if bullet is None or bullet.tag == _A + "buNone":
            counts.pop(level, None)
            yield text
        elif bullet.tag == _A + "buAutoNum":
            start = bullet.get("startAt", "1")
            first = int(start) if start.isdecimal() else 1
            counts[level] = counts[level] + 1 if level in counts else first
            yield f"{_list_number(counts[level], bullet.get('type', ''))} {text}"
        else:
            counts.pop(level, None)
            yield f"{'+' if bullet.get('char') == '+' else '-'} {text}"


def _visible_words(paragraph: Any, visibility: TextVisibility | None) -> str:
    """Return a paragraph's words, without the number of the slide and the day of the showing."""
    words = ""
    defaults = None if visibility is None else _run_defaults(paragraph)
    for child in paragraph.iter(_A + "t", _M + "t", _A + "br"):
        parent = child.getparent()
        kind = parent.get("type", "") if parent.tag == _A + "fld" else ""
        if child.tag == _A + "br":
            words += "\n"
        elif kind != "slidenum" and not kind.startswith("datetime"):
            text = child.text or ""
            words += text if visibility is None else visibility.visible_text(text, parent, defaults)
    return words


def _run_defaults(paragraph: Any) -> Any:
    """Return what a frame itself states for the runs of a paragraph; None if nothing."""
    properties = paragraph.find(_A + "pPr")
    stated_level = "0" if properties is None else properties.get("lvl", "0")
    level = min(int(stated_level), _MAX_LIST_LEVEL) if stated_level.isdecimal() else 0
    frame = paragraph.getparent()
    return frame.find(f"{_A}lstStyle/{_A}lvl{level + 1}pPr/{_A}defRPr")


def _list_number(number: int, scheme: str) -> str:
    match = _NUMBERING_SCHEME.match(scheme)
    if match is None:
        return f"{number}."
    match match[1]:
        case "alphaLc":
            numeral = repeated_letters(number)
        case "alphaUc":
            numeral = repeated_letters(number).upper()
        case "romanLc":
            numeral = roman(number)
        case "romanUc":
            numeral = roman(number).upper()
        case _:
            numeral = str(number)
    return {"ParenR": f"{numeral})", "ParenBoth": f"({numeral})", "Plain": numeral}.get(
        match[2], f"{numeral}."
    )
