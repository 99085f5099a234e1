"""Read messages: .eml files, as mail programs save them."""

import email
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from email.errors import HeaderParseError
from email.header import decode_header
from email.headerregistry import HeaderRegistry
from email.message import Message, MIMEPart
from email.policy import EmailPolicy
from email.utils import parseaddr
from pathlib import Path, PurePosixPath

from rag.errors import DocumentError
from rag.ingest.containers.members import (
    MemberReader,
    UniqueNames,
    refused,
    safe_name,
)
from rag.ingest.extract import Extract, ExtractBuilder, Part, clean
from rag.ingest.files import read_bytes
from rag.ingest.html.loader import add_html, decode_html
from rag.ingest.loaders import DocumentLoader
from rag.ingest.text.encodings import decode
from rag.messages import message

__all__ = ["MailLoader"]

_MAX_MESSAGE_DEPTH = 3  # messages within messages
_MAX_ATTACHMENTS = 200
_MAX_HEADER_CHARS = 4_000  # characters; a file name of 255 letters takes 2,300
_MAX_EXCUSE_CHARS = 400  # characters of a text that only points to the HTML
_EXCUSE = re.compile(r"\bhtml\b|browser|trình duyệt|web version|phiên bản web", re.I)
_DOCUMENTS = frozenset(
    ".doc .dot .docx .docm .xls .xlsb .xlsx .ppt .pps .pptx .odt .ods .odp .rtf .pdf .wps .pages "
    ".numbers .key .txt .csv .html .htm .zip .rar .7z .tif .tiff .msg .eml .epub .xps".split()
)
_QUOTED_LINE = re.compile(r"(?:> ?)+")
_SOFT_BREAK = re.compile(r"(?<!\n--) \n(?![>\n])")
_HEADER_FIELDS = frozenset({"from", "date", "subject", "received", "message-id", "mime-version"})
# Encodings that programs state without knowing: what is stated says nothing.
_STATED_BLINDLY = frozenset({"", "unknown-8bit", "us-ascii", "iso-8859-1", "windows-1252"})
_BLIND_WORD = re.compile(r"=\?(?:unknown-8bit|us-ascii|iso-8859-1|windows-1252)[?*]", re.I)
_UNDECODED = "\ufffd"  # what the email package puts for bytes that it cannot decode


class _Policy(EmailPolicy):
    """Headers are decoded as by default, except that none is longer than a real one.

    Their parsers take time that grows with the square of a header.
    """

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Return the name and the value of a header."""
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_MAX_HEADER_CHARS]


# Before Python 3.13 the parser of addresses fails on some, and it drops names in parentheses.
_HEADERS = HeaderRegistry()
del _HEADERS.registry["from"]  # read as text
_POLICY = _Policy(header_factory=_HEADERS)


class MailLoader:
    """Reads a message's words, and the files attached to it by the loaders of their endings."""

    suffixes = frozenset({".eml"})

    def __init__(self, loaders: Sequence[DocumentLoader], max_bytes: int) -> None:
        self._reader = MemberReader(loaders)
        self._max_bytes = max_bytes

    def load(self, path: Path) -> Extract:
        """Return the message under its subject; earlier messages in it are kept.

        Raises:
            DocumentError: If it is no message.
        """
        data = read_bytes(path, self._max_bytes)
        try:
            mail = email.message_from_bytes(data, policy=_POLICY)
            names = {name.lower() for name in mail}
            if not isinstance(mail, MIMEPart) or not _HEADER_FIELDS & names:
                raise DocumentError("containers.not_a_message")
            return self._extract(mail, 0)
        except (DocumentError, MemoryError):
            raise
        except Exception as error:  # the email package raises many kinds of errors on damage
            raise DocumentError("containers.damaged_message", error=error) from error

    def _extract(self, mail: MIMEPart, depth: int) -> Extract:
        builder = ExtractBuilder()
        subject = _header(mail, "Subject")
        builder.heading(subject, 1)
        bodies, attached = _divided(mail)
        for body in bodies:
            _add_body(builder, body)
        extract = builder.build({"title": subject, "author": _author(mail), "date": _day(mail)})
        unique = UniqueNames()
        parts = tuple(
            replace(part, name=unique(part.name))
            for attachment in attached[:_MAX_ATTACHMENTS]
            for part in self._parts(attachment, depth)
        )
        return replace(extract, parts=(*extract.parts, *parts))

    def _parts(self, attachment: MIMEPart, depth: int) -> Iterator[Part]:
        if attachment.get_content_type() == "message/rfc822":
            yield from self._message_parts(attachment.get_content(), depth)
            return
        name = safe_name(_file_name(attachment))
        if self._reader.reads(name):
            yield from self._reader.parts(name, _payload(attachment))
        elif PurePosixPath(name).suffix.lower() in _DOCUMENTS:
            yield self._reader.unread(name)

    def _message_parts(self, inner: MIMEPart, depth: int) -> Iterator[Part]:
        subject = _header(inner, "Subject").replace("/", "-")
        name = safe_name(f"{subject or 'message'}.eml")
        if depth >= _MAX_MESSAGE_DEPTH:
            yield refused(name, message("containers.message_too_deep"))
            return
        extract = self._extract(inner, depth + 1)
        yield Part(name=name, extract=replace(extract, parts=()))
        for part in extract.parts:
            yield replace(part, name=f"{name}/{part.name}")


def _header(mail: MIMEPart, name: str) -> str:
    """Return a header decoded, by what its bytes are where they are not what is stated."""
    text = str(mail.get(name, ""))
    written = next((raw for field, raw in mail.raw_items() if field.lower() == name.lower()), "")
    if _UNDECODED in text or _BLIND_WORD.search(written):
        with suppress(DocumentError, HeaderParseError):
            text = _header_of_old(written)
    return clean(text).replace("\n", " ")


def _header_of_old(written: str) -> str:
    """Return a header of bytes or encoded words of encodings that are not stated rightly."""
    if not written.isascii():
        return decode(written.encode("utf-8", "surrogateescape")).text
    return "".join(
        word if isinstance(word, str) else _decoded(word, charset or "")
        for word, charset in decode_header("".join(written.splitlines()))
    )


def _decoded(data: bytes, charset: str) -> str:
    """Return bytes as text by the encoding that was stated, else by what they are."""
    if charset.lower() not in _STATED_BLINDLY:
        try:
            return data.decode(charset)
        except (LookupError, ValueError):
            pass  # it states what it is not
    return decode(data).text if data.strip() else data.decode("ascii")


def _author(mail: MIMEPart) -> str:
    # Decoded first: old programs encode name and address as one.
    name, address = parseaddr(_header(mail, "From"))
    return name or address


def _day(mail: MIMEPart) -> str:
    date = mail.get("Date")
    return date.datetime.date().isoformat() if date and date.datetime else ""


def _file_name(attachment: MIMEPart) -> str:
    name = attachment.get_filename("")
    if _UNDECODED in name:
        legible = Message()
        for field in ("Content-Disposition", "Content-Type"):
            legible[field] = _header(attachment, field)
        name = legible.get_filename("")
    return name


def _divided(mail: MIMEPart) -> tuple[list[MIMEPart], list[MIMEPart]]:
    """Return the parts that are the message's words, and those attached to it, in order."""
    bodies: list[MIMEPart] = []
    attached: list[MIMEPart] = []
    waiting = [mail]
    while waiting:
        part = waiting.pop()
        kind = part.get_content_type()
        if kind == "multipart/alternative" and part.is_multipart():
            waiting.append(_chosen([*part.iter_parts()]))
        elif part.is_multipart() and (kind != "message/rfc822" or part is mail):
            waiting.extend(reversed([*part.iter_parts()]))
        elif kind in ("text/plain", "text/html") and not _is_attached(part):
            bodies.append(part)
        elif part.get_content_maintype() != "image" or part.get_content_disposition() != "inline":
            attached.append(part)
    return bodies, attached


def _is_attached(part: MIMEPart) -> bool:
    return part.is_attachment() or bool(part.get_filename())


def _chosen(versions: Sequence[MIMEPart]) -> MIMEPart:
    """Return of several versions of the same words the plain one, if it has them."""
    rich = [
        version
        for version in versions
        if version.get_content_type() == "text/html" or version.is_multipart()
    ]
    for version in versions:
        if version.get_content_type() == "text/plain":
            text = _text(version).strip()
            if text and (not rich or len(text) > _MAX_EXCUSE_CHARS or not _EXCUSE.search(text)):
                return version
    return (rich or list(versions) or [MIMEPart()])[-1]


def _payload(part: MIMEPart) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text(part: MIMEPart) -> str:
    text = _decoded(_payload(part), part.get_content_charset(""))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _add_body(builder: ExtractBuilder, part: MIMEPart) -> None:
    if part.get_content_type() == "text/html":
        if _payload(part).strip():
            add_html(builder, decode_html(_payload(part), part.get_content_charset("")))
        return
    text = _text(part)
    if str(part.get_param("format", "")).lower() == "flowed":
        joint = "" if str(part.get_param("delsp", "")).lower() == "yes" else " "
        text = _SOFT_BREAK.sub(joint, text)
    for paragraph in re.split(r"\n[ \t>]*\n", text):
        lines = paragraph.split("\n")
        if all(line.startswith(">") for line in lines if line.strip()):
            # An earlier message: its short lines are no headings of this one.
            builder.prose("\n".join(_QUOTED_LINE.sub("", line, count=1) for line in lines))
        else:
            builder.paragraph(paragraph)
