"""Read messages: .eml files, as mail programs save them."""

import email
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from email.header import Header, decode_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path, PurePosixPath
from typing import Any

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

_MAX_DEPTH = 3  # messages within messages
_MAX_ATTACHMENTS = 200
_MAX_EXCUSE = 400  # characters of a text that only points to the HTML
_EXCUSE = re.compile(r"\bhtml\b|browser|trình duyệt|web version|phiên bản web", re.I)
_DOCUMENTS = frozenset(
    ".doc .dot .docx .docm .xls .xlsb .xlsx .ppt .pps .pptx .odt .ods .odp .rtf .pdf .wps .pages "
    ".numbers .key .txt .csv .html .htm .zip .rar .7z .tif .tiff .msg .eml .epub .xps".split()
)
_QUOTED_LINE = re.compile(r"(?:> ?)+")
_SOFT_BREAK = re.compile(r"(?<!\n--) \n(?![>\n])")
_HEADER_FIELDS = frozenset({"from", "date", "subject", "received", "message-id", "mime-version"})


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
            message = email.message_from_bytes(data)
            if not _HEADER_FIELDS & {name.lower() for name in message}:
                raise DocumentError(
                    "containers.no_message_has_no",
                )
            return self._extract(message, 0)
        except (DocumentError, MemoryError):
            raise
        except Exception as error:  # the email package raises many kinds of errors on damage
            raise DocumentError(
                "containers.damaged_message_save_again",
                error=error,
            ) from error

    def _extract(self, message: Message, depth: int) -> Extract:
        builder = ExtractBuilder()
        subject = _header(message, "Subject")
        builder.heading(subject, 1)
        bodies, attached = _divided(message)
        for body in bodies:
            _add_body(builder, body)
        extract = builder.build(
            {"title": subject, "author": _author(message), "date": _day(message)}
        )
        unique = UniqueNames()
        parts = tuple(
            replace(part, name=unique(part.name))
            for attachment in attached[:_MAX_ATTACHMENTS]
            for part in self._parts(attachment, depth)
        )
        return replace(extract, parts=(*extract.parts, *parts))

    def _parts(self, attachment: Message, depth: int) -> Iterator[Part]:
        if attachment.get_content_type() == "message/rfc822":
            yield from self._message_parts(attachment, depth)
            return
        name = safe_name(_file_name(attachment))
        if self._reader.reads(name):
            payload = attachment.get_payload(decode=True)
            yield from self._reader.parts(name, payload if isinstance(payload, bytes) else b"")
        elif PurePosixPath(name).suffix.lower() in _DOCUMENTS:
            yield self._reader.unread(name)

    def _message_parts(self, attachment: Message, depth: int) -> Iterator[Part]:
        payload = attachment.get_payload()
        inner = payload[0] if isinstance(payload, list) and payload else None
        if not isinstance(inner, Message):
            return
        subject = _header(inner, "Subject").replace("/", "-")
        name = safe_name(f"{subject or 'message'}.eml")
        if depth >= _MAX_DEPTH:
            yield refused(
                name,
                message("containers.message_too_deep_within"),
            )
            return
        extract = self._extract(inner, depth + 1)
        yield Part(name=name, extract=replace(extract, parts=()))
        for part in extract.parts:
            yield replace(part, name=f"{name}/{part.name}")


def _header(message: Message, name: str) -> str:
    """Return a header as it was written, whatever its encoding."""
    value: Any = message.get(name)
    if value is None:
        return ""
    text, encoded_before = "", False
    for piece, charset in decode_header(value if isinstance(value, Header) else str(value)):
        if isinstance(piece, str):
            written = piece
        elif charset is None and piece.isascii():
            written = piece.decode("ascii")
        else:
            written = _decoded(piece, charset or "")
        # The space between an encoded word and a plain one counts, but may be lost in a fold.
        apart = text and encoded_before != (charset is not None)
        if apart and not text[-1].isspace() and not written[:1].isspace():
            text += " "
        text += written
        encoded_before = charset is not None
    return clean(text).replace("\n", " ")


def _decoded(data: bytes, charset: str) -> str:
    """Return bytes as text by the encoding that was stated, else by what they are."""
    if charset.lower() not in ("", "unknown-8bit", "us-ascii", "iso-8859-1", "windows-1252"):
        try:
            return data.decode(charset)
        except (LookupError, ValueError):
            pass  # it states what it is not
    return decode(data).text if data.strip() else ""


def _author(message: Message) -> str:
    # Decoded first: old programs encode name and address as one.
    name, address = parseaddr(_header(message, "From"))
    return name or address


def _day(message: Message) -> str:
    try:
        return parsedate_to_datetime(_header(message, "Date")).date().isoformat()
    except (TypeError, ValueError):
        return ""


def _file_name(message: Message) -> str:
    """Return an attachment's name, of which there are three ways of writing."""
    name = message.get_filename("")
    if "=?" in name:
        header = Message()
        header["Subject"] = name
        name = _header(header, "Subject")
    try:
        raw = name.encode("ascii", "surrogateescape")
    except UnicodeEncodeError:
        return name
    return name if raw.isascii() else decode(raw).text


def _divided(message: Message) -> tuple[list[Message], list[Message]]:
    """Return the parts that are the message's words, and those attached to it, in order."""
    bodies: list[Message] = []
    attached: list[Message] = []
    waiting = [message]
    while waiting:
        part = waiting.pop()
        kind = part.get_content_type()
        payload = part.get_payload()
        if kind == "message/rfc822" and part is not message:
            attached.append(part)
        elif kind == "multipart/alternative" and isinstance(payload, list):
            waiting.append(_chosen([inner for inner in payload if isinstance(inner, Message)]))
        elif isinstance(payload, list):
            waiting.extend(inner for inner in reversed(payload) if isinstance(inner, Message))
        elif kind in ("text/plain", "text/html") and not _is_attached(part):
            bodies.append(part)
        elif part.get_content_maintype() != "image" or part.get_content_disposition() != "inline":
            attached.append(part)
    return bodies, attached


def _is_attached(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def _chosen(versions: Sequence[Message]) -> Message:
    """Return of several versions of the same words the plain one, if it has them."""
    for version in versions:
        if version.get_content_type() == "text/plain":
            text = _text(version).strip()
            only = len(versions) == 1
            if text and (only or len(text) > _MAX_EXCUSE or not _EXCUSE.search(text)):
                return version
    rich = [version for version in versions if version.get_content_type() != "text/plain"]
    readable = [
        version
        for version in rich
        if version.get_content_type() == "text/html" or version.is_multipart()
    ]
    return (readable or list(versions) or [Message()])[-1]


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes) or not payload.strip():
        return ""
    text = _decoded(payload, part.get_content_charset() or "")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _add_body(builder: ExtractBuilder, part: Message) -> None:
    if part.get_content_type() == "text/html":
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes) and payload.strip():
            add_html(builder, decode_html(payload, part.get_content_charset() or ""))
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
