"""Ask documents in Vietnamese or English and get the sentences that answer, word for word."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.service.assistant import Assistant

__all__ = ["Assistant"]


def __getattr__(name: str) -> Any:
    """Import the assistant when it is first asked for: it loads a model's libraries."""
    if name == "Assistant":
        from rag.service.assistant import Assistant

        return Assistant
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
