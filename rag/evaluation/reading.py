"""Read passages without judging them: for calibration, and to measure what a part is worth."""

from rag.domain.permissions import ANYWHERE, Filter
from rag.read.ranker import RankedQuotes
from rag.service.answering.evidence import READ_PASSAGES
from rag.service.assistant import Assistant

__all__ = ["read_passages"]


def read_passages(
    assistant: Assistant, question: str, *, where: Filter = ANYWHERE, limit: int = READ_PASSAGES
) -> RankedQuotes:
    """Return the best quotes of the passages found, whether they answer or not.

    Args:
        assistant: Over the passages.
        question: The question.
        where: Which passages may be found.
        limit: How many are read.
    """
    query = assistant.analyser.analyse(question)
    encoded = assistant.retriever.encode(query)
    retrieved = assistant.retriever.retrieve(encoded, limit, where)
    return assistant.ranker.rank(query, query.need, retrieved, assistant.document)
