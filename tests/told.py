"""What a loader said of a file, in a form that tests can compare."""

from rag.ingest.extract import Extract


def told(extract: Extract) -> list[tuple[str, str]]:
    """Return each paragraph with the kind and level that the loader gave it, "" if none."""
    kinds = {block.start: f"{block.kind.value}{block.level or ''}" for block in extract.blocks}
    paragraphs, position = [], 0
    for paragraph in extract.text.split("\n\n"):
        if paragraph:
            paragraphs.append((kinds.get(position, ""), paragraph))
        position += len(paragraph) + 2
    return paragraphs
