"""Read web pages: .html, and .mhtml, in which browsers save a page as one file."""

import codecs
import email
import email.policy
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import lxml.html

from rag.errors import DocumentError
from rag.ingest.extract import Extract, ExtractBuilder, clean
from rag.ingest.files import read_bytes
from rag.ingest.html.flow import Element, add_flow, is_boilerplate, is_left_out, local_name, walk
from rag.ingest.html.stylesheets import StyleSheets, is_for_screen
from rag.ingest.html.visibility import remove_invisible_text
from rag.ingest.text.encodings import decode, repair

__all__ = ["HtmlLoader", "add_html", "decode_html"]

_MAX_DEPTH = 2000  # libxml2 drops what lies deeper than 2048
_HEAD = 4096  # bytes in which a page must state its encoding; the standard says 1024

_CHARSET = re.compile(
    rb"<\?xml[^>]{0,200}?encoding\s*+=\s*+[\"']?([\w-]{2,40})"
    rb"|<meta[^>]{0,400}?charset\s*+=\s*+[\"']?\s*+([\w-]{2,40})",
    re.I,
)
# What many pages state without knowing it; the bytes tell it better.
_DOUBTFUL = frozenset({"ascii", "iso8859-1", "cp1252", "iso8859-15"})
_PROLOGUE = re.compile(
    r"\A\s*+(?:<\?xml[^>]*\?>\s*+)?(?:(?><!--.*?-->)\s*+)*+<!DOCTYPE[^>\[]*+(?:\[.*?\]\s*+)?>",
    re.I | re.S,
)
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
# What is never closed goes on to the end, as in a browser.
_CODE = re.compile(r"<(script|style)\b.*?(?:</\1\s*+>|\Z)|<!--.*?(?:-->|\Z)", re.I | re.S)
_IMPORT = re.compile(r"@import\b", re.I)
_TAG = re.compile(r"</?([a-z][\w:-]*+)[^<>]*+>", re.I)
_INLINE_TAG = re.compile(
    r"a|abbr|b|big|cite|code|em|font|i|ins|label|mark|q|small|span|strong|su[bp]|u"
)
_DAY = re.compile(r"((?:19|20)\d\d)-(\d\d)-(\d\d)(?!\d)")
_VIETNAMESE_DAY = re.compile(r"\b(\d{1,2})/(\d{1,2})/((?:19|20)\d\d)\b")
_PLAIN_TITLE = re.compile(
    r"(?:microsoft word\s*-.*|untitled.*|(?:new )?document ?\d*|trang chủ|home|index"
    r"|tài liệu.{0,12}không có tiêu đề)",
    re.I,
)
_OFFICE = re.compile(r"libreoffice|openoffice|microsoft", re.I)
_DATE_NAMES = (
    "article:published_time", "datepublished", "dc.date", "dc.date.issued", "dcterms.date",
    "dcterms.issued", "pubdate", "publishdate", "date", "og:published_time",
)  # fmt: skip
_AUTHOR_NAMES = ("author", "article:author", "dc.creator", "dcterms.creator")
_PUBLISHER_NAMES = ("og:site_name", "dc.publisher", "dcterms.publisher")


class HtmlLoader:
    """Reads the text of a web page without the page around it."""

    suffixes = frozenset({".html", ".htm", ".xhtml", ".mhtml", ".mht"})

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes

    def load(self, path: Path) -> Extract:
        """Return the text with its headings and tables.

        Raises:
            DocumentError: If it is no web page.
        """
        data = read_bytes(path, self._max_bytes)
        archived = path.suffix.lower().startswith(".mh")
        page, linked = _archived_page(data) if archived else (decode_html(data), {})
        if "\0" in page:
            raise DocumentError("html.binary")
        builder = ExtractBuilder()
        metadata = dict(add_html(builder, page, linked))
        if metadata.get("title", "").lower() in (path.stem.lower(), path.name.lower()):
            del metadata["title"]
        return builder.build(metadata)


def decode_html(data: bytes, charset: str = "") -> str:
    """Return a page as text, by the encoding it states if that can be, else by its bytes.

    Args:
        data: The page.
        charset: The encoding that was stated outside of it; "" if none was.

    Raises:
        DocumentError: If no encoding fits.
    """
    if not data.isascii():
        try:
            return data.decode("utf-8-sig")  # nothing else looks like it, whatever is stated
        except UnicodeDecodeError:
            pass
    match = _CHARSET.search(data[:_HEAD])
    stated = charset or ((match[1] or match[2]).decode("ascii") if match else "")
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if stated and not marked:
        try:
            if codecs.lookup(stated).name not in _DOUBTFUL:
                return data.decode(stated)
        except (LookupError, ValueError):
            pass  # it states what it is not
    return decode(data).text.removeprefix("\ufeff")


def _archived_page(data: bytes) -> tuple[str, Mapping[str, str]]:
    """Return the page out of an .mhtml file, and the style sheets in it by their addresses."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    page = ""
    linked: dict[str, str] = {}
    for part in message.walk():
        payload = part.get_payload(decode=True)
        if not isinstance(payload, bytes) or not payload.strip():
            continue
        charset = part.get_content_charset() or ""
        if part.get_content_type() == "text/css":
            linked[str(part["Content-Location"] or "").strip()] = decode_html(payload, charset)
        elif not page and part.get_content_type() in ("text/html", "application/xhtml+xml"):
            page = decode_html(payload, charset)
    if page:
        return page, linked
    raise DocumentError("html.no_web_page")


def add_html(
    builder: ExtractBuilder, page: str, linked: Mapping[str, str] | None = None
) -> Mapping[str, str]:
    """Add the text of a page, and return what the page says of itself.

    Args:
        builder: Takes the text.
        page: The page.
        linked: The style sheets that came with it, by their addresses.

    Raises:
        DocumentError: If it is no HTML, or its style sheets are too large.
    """
    try:
        tree, sheets = _parse(page, linked or {})
        for text in remove_invisible_text(
            tree, StyleSheets(filter(None, sheets)), complete=None not in sheets
        ):
            builder.unseen(text)
        _repair_fonts(tree)
        body = next((child for child in tree if local_name(child) == "body"), tree)
        sizes = _sizes(body)
        root = _main_part(body, sizes)
        half = sizes[body] / 2

        def skip(element: Element) -> bool:
            if is_left_out(element):
                return True
            if not is_boilerplate(element) or element is root or sizes.get(element, 0) >= half:
                return False
            return not (local_name(element) == "header" and _is_within_article(element))

        add_flow(builder, root, skip)
        return _metadata(tree, root)
    except (DocumentError, MemoryError):
        raise
    except Exception as error:  # whatever lxml may raise on what is no page
        raise DocumentError("html.not_parsed", error=error) from error


def _parse(page: str, linked: Mapping[str, str]) -> tuple[Element, Sequence[str | None]]:
    """Return a page and its style sheets; None stands for one that lies elsewhere."""
    # Entities that a page defines are never expanded: their definitions go.
    page = _DECLARATION.sub("", _PROLOGUE.sub("", page, count=1), count=1)
    tree = _tree(page)
    sheets = list(_sheets(tree, linked))
    if any(depth > _MAX_DEPTH for depth in _depths(tree)):
        tree = _tree(_TAG.sub(_flattened, _CODE.sub("", page)))
    return tree, sheets


def _sheets(tree: Element, linked: Mapping[str, str]) -> Iterator[str | None]:
    for element in tree.iter("style", "link"):
        if not is_for_screen(element.get("media") or "") or any(
            local_name(outer) == "noscript" for outer in element.iterancestors()
        ):
            continue
        if element.tag == "style":
            sheet: str | None = element.text or ""
        elif "stylesheet" in (element.get("rel") or "").lower().split():
            sheet = linked.get((element.get("href") or "").strip())
        else:
            continue
        yield sheet
        if sheet and _IMPORT.search(sheet):
            yield None


def _tree(page: str) -> Element:
    parser = lxml.html.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True
    )
    data = page.encode("utf-8", "replace")
    return lxml.html.document_fromstring(data if data.strip() else b"<p></p>", parser=parser)


def _depths(tree: Element) -> Iterator[int]:
    depth = 0
    for event, _ in walk(tree, lambda _: False):
        depth += 1 if event == "start" else -1
        yield depth


def _flattened(tag: re.Match[str]) -> str:
    if _INLINE_TAG.fullmatch(tag[1].lower()):
        return ""
    attributes = "" if tag[0].startswith("</") else tag[0][1 + len(tag[1]) : -1].rstrip("/")
    return f"<p{attributes}>"  # these may say that it is hidden


def _repair_fonts(tree: Element) -> None:
    """Put letters right that were meant for an old Vietnamese font, such as .VnTime."""
    places: list[tuple[Element, bool]] = []
    texts: list[str] = []
    for element in tree.iter():
        for is_tail, text in ((False, element.text), (True, element.tail)):
            if text and text.strip():
                places.append((element, is_tail))
                texts.append(text.replace("\r", " "))
    joined = "\n".join(texts)
    repaired = repair(joined)
    if repaired == joined:
        return
    lines = iter(repaired.split("\n"))
    for (element, is_tail), text in zip(places, texts, strict=True):
        mended = "\n".join(next(lines) for _ in range(text.count("\n") + 1))
        if is_tail:
            element.tail = mended
        else:
            element.text = mended


def _sizes(body: Element) -> dict[Element, int]:
    """Return how many characters are seen within the body and each of its larger parts."""
    sizes = {body: 0}
    open_parts: list[tuple[Element, int]] = []
    total = 0
    for event, element in walk(body, lambda element: element is not body and is_left_out(element)):
        if event == "start":
            if element is body or is_boilerplate(element) or _is_main(element):
                open_parts.append((element, total))
            total += len((element.text or "").strip())
        else:
            if open_parts and open_parts[-1][0] is element:
                sizes[element] = total - open_parts.pop()[1]
            total += len((element.tail or "").strip())
    return sizes


def _is_main(element: Element) -> bool:
    return local_name(element) in ("main", "article") or element.get("role") == "main"


def _main_part(body: Element, sizes: Mapping[Element, int]) -> Element:
    """Return the part that holds most of the text, if the page names one."""
    boilerplate = sum(
        size
        for element, size in sizes.items()
        if is_boilerplate(element) and not any(map(is_boilerplate, element.iterancestors()))
    )
    main_size = max(sizes[body] - boilerplate, sizes[body] // 4)
    candidates = [part for part in sizes if _is_main(part) and sizes[part] * 2 > main_size]
    return min(candidates, key=sizes.__getitem__, default=body)


def _is_within_article(element: Element) -> bool:
    return any(map(_is_main, element.iterancestors()))


def _metadata(tree: Element, root: Element) -> dict[str, str]:
    properties: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").lower()
        properties.setdefault(name, clean(meta.get("content") or ""))
    publisher = _first(properties, _PUBLISHER_NAMES)
    day = _iso_day(_first(properties, _DATE_NAMES)) or next(
        (day for time in root.iter("time") if (day := _iso_day(time.get("datetime") or ""))), ""
    )
    if _OFFICE.search(properties.get("generator", "") + properties.get("dcterms.source", "")):
        day = ""  # when it was exported
    author = _first(properties, _AUTHOR_NAMES)
    return {
        "title": _title(tree, root, properties.get("og:title", ""), publisher),
        "publisher": publisher,
        "date": day,
        "author": "" if "://" in author else author,
    }


def _first(properties: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((properties[name] for name in names if properties.get(name)), "")


def _iso_day(text: str) -> str:
    if match := _DAY.search(text):
        return match[0]
    if match := _VIETNAMESE_DAY.search(text):
        return f"{match[3]}-{int(match[2]):02}-{int(match[1]):02}"
    return ""


def _title(tree: Element, root: Element, og_title: str, publisher: str) -> str:
    element = next(tree.iter("title"), None)
    page_title = clean("".join(map(str, element.itertext()))) if element is not None else ""
    title = (og_title or page_title).replace("\n", " ")
    texts = ("".join(map(str, h1.itertext())) for h1 in root.iter("h1") if not is_left_out(h1))
    headings = list(filter(None, (clean(" ".join(text.split())) for text in texts)))
    for heading in headings:
        if heading.lower() in title.lower():
            return heading
    if len(headings) == 1:
        return headings[0]
    if publisher and title.lower().endswith(publisher.lower()):
        shortened = title[: -len(publisher)].rstrip(" |–—·»-")
        title = shortened or title
    return "" if _PLAIN_TITLE.fullmatch(title) else title
