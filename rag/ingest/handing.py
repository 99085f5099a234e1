"""What was read, in JSON, as it is handed from the process that reads."""

from typing import Any

from rag.ingest.extract import Extract, Part
from rag.serialise import blocks_from_json, blocks_to_json

__all__ = ["extract_from_json", "extract_to_json"]


def extract_to_json(extract: Extract) -> dict[str, Any]:
    """Return what was read as a value that JSON can hold."""
    return {
        "text": extract.text,
        "blocks": blocks_to_json(extract.blocks),
        "pages": extract.pages,
        "metadata": dict(extract.metadata),
        "front_matter": dict(extract.front_matter),
        "parts": [
            {
                "name": part.name,
                "extract": extract_to_json(part.extract) if part.extract else None,
                "reason": part.reason,
                "vietnamese": part.vietnamese,
            }
            for part in extract.parts
        ],
    }


def extract_from_json(value: dict[str, Any]) -> Extract:
    """Return what `extract_to_json` was given."""
    return Extract(
        text=value["text"],
        blocks=blocks_from_json(value["blocks"]),
        pages=tuple(value["pages"]),
        metadata=value["metadata"],
        front_matter=value["front_matter"],
        parts=tuple(
            Part(**{**part, "extract": part["extract"] and extract_from_json(part["extract"])})
            for part in value["parts"]
        ),
    )
