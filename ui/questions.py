"""Questions as they come from the page, and the answers that it shows."""

import logging
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

import gradio as gr
from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

from rag.domain.answer import Answer
from rag.domain.documents import Language
from rag.domain.permissions import Scope
from rag.errors import QuestionError
from rag.service.documents.library import Library
from ui.line import Line
from ui.render import hash_of, is_sure, render_answer, render_failure, render_question_error
from ui.requests import in_line

__all__ = ["add_answers"]

_logger = logging.getLogger(__name__)
_EARLIER = 10  # questions of a conversation
_LONGEST = 2_000  # characters of each
_LONGEST_TYPED = 30_000  # of a question: who pastes more is told so by the page
_COLLECTIONS = 100

_AT_ONCE = 2
"""Questions answered at the same time: the work of one keeps a core busy."""

_MOST_WAITING = 100
"""Questions that may wait: where each asks one, the last is answered within half a minute."""

_MOST_OF_ONE = 20
"""Questions of one address that may wait; behind a proxy it may be an office's."""

Json = dict[str, Any]


class AskedQuestion(BaseModel):
    """A question is text, and nothing else."""

    model_config = ConfigDict(extra="forbid", strict=True)

    question: Annotated[str, Field(max_length=_LONGEST_TYPED)]
    # Of the page; None for that of the question.
    language: Annotated[Language | None, Field(strict=False)] = None
    earlier: Annotated[
        list[Annotated[str, Field(max_length=_LONGEST)]], Field(max_length=_EARLIER)
    ] = []
    as_typed: bool = False
    collections: Annotated[
        list[Annotated[str, Field(max_length=200)]], Field(max_length=_COLLECTIONS)
    ] = []


def add_answers(server: gr.Server, library: Library, scope: Scope) -> None:
    """Add the route that answers questions."""
    line = Line(at_once=_AT_ONCE, most=_MOST_WAITING, each=_MOST_OF_ONE)

    @server.post("/api/ask")
    async def ask(request: Request, asked: AskedQuestion) -> Json:
        work = partial(_answer, library, asked, scope)
        return await in_line(line, request, work)


def _answer(library: Library, asked: AskedQuestion, scope: Scope) -> Json:
    """Return an answer as HTML with what a browser keeps of it; errors are sentences too."""
    try:
        assistant = library.assistant()
        wanted = frozenset(asked.collections) & set(assistant.collections(scope))
        within = replace(scope, collections=wanted) if asked.collections else scope
        history = [{"question": earlier} for earlier in asked.earlier]
        answer = assistant.ask(asked.question, history, as_typed=asked.as_typed, scope=within)
    except QuestionError as error:
        return {"html": render_question_error(error), "refused": True, "quotes": []}
    except Exception:
        _logger.exception("a question could not be answered")
        return {"html": render_failure(), "failed": True, "quotes": []}
    return _shown(answer, asked.language)


def _shown(answer: Answer, language: Language | None) -> Json:
    answers = (answer, *answer.more)
    answered = [one for one in answers if one.answerable]
    quotes = [quote for one in answers for quote in one.quotes or one.related]
    return {
        "html": render_answer(answer, language),
        "answered": bool(answered),
        "sure": all(map(is_sure, answers)),
        "differ": 0 if answer.more else answer.conflicting,
        "language": answer.query.language,
        "understood": "\n".join(one.query.text for one in answers),
        "follows": answer.query.follows,
        "first": answered[0].quotes[0].text if answered else "",
        "quotes": [
            {
                "source": quote.document.source,
                "start": quote.start,
                "end": quote.end,
                "hash": hash_of(quote.text),
            }
            for quote in quotes
        ],
    }
