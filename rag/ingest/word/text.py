"""The words that Word shows of a paragraph: no field codes, no deleted or hidden text."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from rag.ingest.office.archive import Element
from rag.ingest.word.numbering import W, child_value, is_on
from rag.ingest.word.styles import Styles
from rag.ingest.word.visibility import Visibility
from rag.language.numerals import roman

__all__ = ["Note", "TextReader", "chosen_branch", "is_contents", "is_deleted"]

_MC: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_M: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_SKIPPED_ELEMENTS: Final = frozenset(
    W + name
    for name in (
        "pPr rPr sdtPr sdtEndPr tblPr trPr tcPr del moveFrom delText delInstrText instrText rt"
        " commentReference annotationRef footnoteRef endnoteRef separator continuationSeparator"
        " fldData ffData"
    ).split()
)
_ELEMENT_TEXT: Final = {
    W + "tab": "\t",
    W + "ptab": "\t",
    W + "br": "\n",
    W + "cr": "\n",
    W + "noBreakHyphen": "-",
    W + "softHyphen": "",
}
# Fields whose results are not the document's words: page numbers, and lists of its headings.
_DROPPED_FIELDS: Final = frozenset("TOC TOA INDEX PAGE NUMPAGES SECTIONPAGES".split())
# The glyphs of Symbol and Wingdings that are met in official documents, by their lower byte.
_SYMBOL_GLYPHS: Final = {
    0x6D: "µ", 0x61: "α", 0x62: "β", 0x64: "δ", 0x6C: "λ", 0x70: "π", 0x73: "σ", 0x77: "ω",
    0x44: "Δ", 0x53: "Σ", 0x57: "Ω", 0xA3: "≤", 0xAE: "→", 0xB0: "°", 0xB1: "±", 0xB3: "≥",
    0xB4: "×", 0xB7: "•", 0xB8: "÷", 0xB9: "≠", 0xBB: "≈", 0xD0: "∠", 0xD7: "⋅", 0xE5: "∑",
}  # fmt: skip
_WINGDINGS_GLYPHS: Final = {
    0x6F: "☐", 0x71: "☐", 0xA8: "☐", 0xFD: "☒", 0xFE: "☑", 0xFB: "✗", 0xFC: "✓",
    0x6C: "•", 0x6E: "•", 0x76: "•", 0x77: "•", 0xA7: "•", 0xD8: "•", 0xE0: "→", 0xF0: "→",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A footnote or endnote that the text refers to.

    Attributes:
        part: "footnotes" or "endnotes".
        name: Its id in that part.
        mark: What stands for it in the text, such as "[1]"; "" if it brings its own.
    """

    part: str
    name: str
    mark: str


@dataclass(slots=True)
class _Field:
    instruction: str = ""
    in_result: bool = False

    @property
    def is_shown(self) -> bool:
        words = self.instruction.split(maxsplit=1)
        return self.in_result and not (words and words[0].upper() in _DROPPED_FIELDS)


def chosen_branch(alternatives: Element) -> Element | None:
    """Return the branch of mc:AlternateContent to read; the others say the same again."""
    branches = [child for child in alternatives if child.tag in (_MC + "Choice", _MC + "Fallback")]
    return next((branch for branch in branches if len(branch)), None)


def is_deleted(mark: Element | None) -> bool:
    """Tell whether the mark at a paragraph's end is deleted: the next goes on in its line."""
    return mark is not None and any(mark.find(W + name) is not None for name in ("del", "moveFrom"))


def is_contents(control: Element) -> bool:
    """Tell whether a content control holds a table of contents, or only a prompt."""
    properties = control.find(W + "sdtPr")
    if properties is None:
        return False
    gallery = properties.find(f"{W}docPartObj/{W}docPartGallery")
    contents = gallery is not None and gallery.get(W + "val") == "Table of Contents"
    return contents or is_on(properties, "showingPlcHdr") is True


class TextReader:
    """Reads the paragraphs of a story one after another; fields may go over several.

    Args:
        styles: Of the document.
        visibility: Tells what is seen; it is told of the paragraphs and where they stand.

    Attributes:
        boxes: The text boxes that were met since they were last taken away.
        notes: The notes that were met, in order.
    """

    def __init__(self, styles: Styles, visibility: Visibility) -> None:
        self.boxes: list[Element] = []
        self.notes: list[Note] = []
        self._styles = styles
        self._visibility = visibility
        self._is_seen = True
        self._fields: list[_Field] = []
        self._style_hides = False
        self._readers: dict[str, Callable[[Element], str]] = {
            W + "r": self._run,
            W + "t": self._words,
            W + "sym": self._symbol,
            W + "fldChar": self._field_mark,
            W + "instrText": self._field_code,
            W + "fldSimple": self._simple_field,
            W + "txbxContent": self._text_box,
            W + "footnoteReference": self._note,
            W + "endnoteReference": self._note,
            W + "sdt": self._control,
            _MC + "AlternateContent": self._alternatives,
            _M + "t": self._words,
            _M + "f": self._fraction,
            _M + "d": self._delimited,
            _M + "sSup": lambda element: self._script(element, "sup", "^"),
            _M + "sSub": lambda element: self._script(element, "sub", "_"),
            _M + "rad": lambda element: f"√({self._children(element.find(_M + 'e'))})",
        }

    def read(self, paragraph: Element, *, hidden: bool) -> str:
        """Return the words of a paragraph.

        Args:
            paragraph: A w:p.
            hidden: Whether its style hides what does not say otherwise.
        """
        self._style_hides = hidden
        return self._children(paragraph)

    def end_story(self) -> None:
        """Forget fields that were never ended, as damaged files have them."""
        self._fields.clear()

    @property
    def _is_shown(self) -> bool:
        return all(field.is_shown for field in self._fields)

    def _children(self, element: Element | None) -> str:
        return "" if element is None else "".join(map(self._read, element))

    def _read(self, element: Element) -> str:
        tag = element.tag
        if reader := self._readers.get(tag):
            return reader(element)
        if tag in _SKIPPED_ELEMENTS:
            return ""
        if tag in _ELEMENT_TEXT:
            return _ELEMENT_TEXT[tag] if self._is_shown else ""
        return self._children(element)

    def _run(self, run: Element) -> str:
        properties = run.find(W + "rPr")
        hidden = is_on(properties, "vanish")
        if hidden is None:
            hidden = self._styles.hides(child_value(properties, "rStyle"))
        if hidden is None:
            hidden = self._style_hides
        if not hidden:
            self._is_seen = self._visibility.is_visible(properties)
            words = self._children(run)
            self._is_seen = True
            return words
        for child in run:  # a hidden field is a field all the same
            if child.tag in (W + "fldChar", W + "instrText"):
                self._read(child)
        return ""

    def _words(self, element: Element) -> str:
        words = (element.text or "") if self._is_shown else ""
        if self._is_seen:
            return words
        self._visibility.unseen.append(words)
        return ""

    def _symbol(self, element: Element) -> str:
        try:
            code = int(element.get(W + "char", ""), 16)
        except ValueError:
            return ""
        if not self._is_shown or not self._is_seen:
            return ""
        font = element.get(W + "font", "").lower()
        if 0xF000 <= code <= 0xF0FF or font.startswith(("symbol", "wingdings")):
            return (_WINGDINGS_GLYPHS if font.startswith("wingdings") else _SYMBOL_GLYPHS).get(
                code & 0xFF, ""
            )
        return chr(code) if 0x20 <= code < 0xD800 else ""

    def _field_mark(self, element: Element) -> str:
        kind = element.get(W + "fldCharType")
        if kind == "begin":
            self._fields.append(_Field())
        elif kind == "separate" and self._fields:
            self._fields[-1].in_result = True
        elif kind == "end" and self._fields:
            self._fields.pop()
        return ""

    def _field_code(self, element: Element) -> str:
        if self._fields and not self._fields[-1].in_result:
            self._fields[-1].instruction += element.text or ""
        return ""

    def _simple_field(self, element: Element) -> str:
        self._fields.append(_Field(element.get(W + "instr", ""), in_result=True))
        words = self._children(element)
        self._fields.pop()
        return words

    def _text_box(self, element: Element) -> str:
        if self._is_shown:
            self.boxes.append(element)
        return ""

    def _control(self, element: Element) -> str:
        return "" if is_contents(element) else self._children(element.find(W + "sdtContent"))

    def _alternatives(self, element: Element) -> str:
        return self._children(chosen_branch(element))

    def _note(self, element: Element) -> str:
        if not self._is_shown:
            return ""
        part = "footnotes" if element.tag == W + "footnoteReference" else "endnotes"
        mark = ""
        if element.get(W + "customMarkFollows") not in ("1", "true", "on"):
            count = sum(1 for note in self.notes if note.part == part and note.mark) + 1
            mark = f"[{count}]" if part == "footnotes" else f"[{roman(count)}]"
        self.notes.append(Note(part=part, name=element.get(W + "id", ""), mark=mark))
        return mark

    def _fraction(self, element: Element) -> str:
        above, below = (self._children(element.find(_M + name)) for name in ("num", "den"))
        return f"{_grouped(above)}/{_grouped(below)}"

    def _delimited(self, element: Element) -> str:
        properties = element.find(_M + "dPr")
        brackets = (
            None if properties is None else properties.find(_M + name)
            for name in ("begChr", "endChr")
        )
        opening, closing = (
            default if bracket is None else bracket.get(_M + "val", "")
            for bracket, default in zip(brackets, "()", strict=True)
        )
        return f"{opening}{', '.join(map(self._children, element.findall(_M + 'e')))}{closing}"

    def _script(self, element: Element, name: str, sign: str) -> str:
        base, script = (self._children(element.find(_M + part)) for part in ("e", name))
        return f"{base}{sign}{_grouped(script)}"


def _grouped(words: str) -> str:
    return words if words.replace(",", "").replace(".", "").isalnum() else f"({words})"
