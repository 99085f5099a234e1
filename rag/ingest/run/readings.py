"""What was read of a file: the one form in which it goes between processes, and is kept."""

from dataclasses import dataclass
from typing import Any

from rag.domain.documents import Document
from rag.domain.serialise import document_from_json, document_to_json
from rag.messages import Message

__all__ = ["ReadDocument", "Reading", "UnreadPart", "readings_from_json", "readings_to_json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDocument:
    """A document that was read.

    Attributes:
        name: Its name within the file, "" for the file itself.
    """

    name: str
    document: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadPart:
    """A file, or something within it, of which no document could be made.

    Attributes:
        name: Its name within the file, "" for the file itself.
        message: Why not, and what to do.
    """

    name: str
    message: Message


Reading = ReadDocument | UnreadPart


def readings_to_json(readings: list[Reading]) -> list[dict[str, Any]]:
    """Return readings as a value that JSON can hold."""
    return [
        {"name": reading.name, "document": document_to_json(reading.document)}
        if isinstance(reading, ReadDocument)
        else {
            "name": reading.name,
            "en": reading.message.english,
            "vi": reading.message.vietnamese,
        }
        for reading in readings
    ]


def readings_from_json(value: Any) -> list[Reading]:
    """Return the readings that `readings_to_json` was given.

    Raises:
        KeyError, TypeError, ValueError or AttributeError: If the value is nothing of the kind.
    """
    return [
        ReadDocument(name=str(reading["name"]), document=document_from_json(reading["document"]))
        if "document" in reading
        else UnreadPart(
            name=str(reading["name"]), message=Message(str(reading["en"]), str(reading["vi"]))
        )
        for reading in value
    ]
