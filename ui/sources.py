"""The documents that quotes come from, and conversations written down with their quotes."""

import re
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

import gradio as gr
from fastapi import HTTPException, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from rag.domain.documents import Language
from rag.domain.permissions import EVERYTHING, Scope
from rag.present.citation import label_of
from rag.service.documents.library import Library
from ui.access import Access
from ui.export import MOST_QUOTES, MOST_TURNS, Form, KeptQuote, KeptTurn, TooMuchError, export
from ui.line import Line
from ui.render import hash_of, render_document
from ui.requests import in_line, is_owner

__all__ = ["add_sources"]

_MARK = re.compile(r"(\d{1,9})-(\d{1,9})")
_MOST_MARKS = 20
_LONGEST_NAME = 1_000
_AT_ONCE = 1  # documents shown at a time, so that questions have the other core
_MOST_WAITING = 100
_MOST_OF_ONE = 20

_Place = Annotated[int, Field(ge=0, le=2**40)]
_Short = Annotated[str, Field(max_length=_LONGEST_NAME)]
Json = dict[str, Any]


class _Kept(BaseModel):
    model_config = ConfigDict(strict=True)  # what else a browser keeps is passed over


class _Quote(_Kept):
    source: _Short
    start: _Place
    end: _Place
    hash: Annotated[str, Field(max_length=64)] = ""


class _Turn(_Kept):
    question: Annotated[str, Field(max_length=30_000)]
    answered: bool = False
    sure: bool = False
    differ: int | bool = False
    quotes: Annotated[list[_Quote], Field(max_length=MOST_QUOTES)] = []

    def kept(self) -> KeptTurn:
        return KeptTurn(
            question=self.question,
            answered=self.answered,
            sure=self.sure,
            differ=bool(self.differ),
            quotes=tuple(KeptQuote(**quote.model_dump()) for quote in self.quotes),
        )


class _Conversation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    turns: Annotated[list[_Turn], Field(max_length=MOST_TURNS)]
    language: Language
    form: Form


def add_sources(server: gr.Server, library: Library, access: Access, scope: Scope) -> None:
    """Add the routes that show documents and write conversations down."""
    line = Line(at_once=_AT_ONCE, most=_MOST_WAITING, each=_MOST_OF_ONE)

    @server.get("/api/source")
    async def source(
        request: Request,
        d: _Short,
        language: Language,
        s: _Place = 0,
        e: _Place = 0,
        h: Annotated[str, Field(max_length=64)] = "",
        m: Annotated[str, Field(max_length=2_000)] = "",
    ) -> Json:
        allowed = EVERYTHING if is_owner(access, request) else scope
        work = partial(_document, library, d, language, (s, e), h, m, allowed)
        return await in_line(line, request, work)

    @server.post("/api/export")
    async def written(request: Request, conversation: _Conversation) -> Response:
        turns = [turn.kept() for turn in conversation.turns]
        work = partial(
            export, library.assistant(), turns, scope, conversation.form, conversation.language
        )
        try:
            text = await in_line(line, request, work)
        except TooMuchError as error:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too many quotes") from error
        if conversation.form is Form.HTML:
            return HTMLResponse(text)
        return PlainTextResponse(text, media_type="text/markdown")


def _document(
    library: Library,
    source: str,
    language: Language,
    place: tuple[int, int],
    hashed: str,
    marks: str,
    scope: Scope,
) -> Json:
    assistant = library.assistant()
    if not assistant.may_read(source, scope):
        return {"state": "gone", "title": source, "html": ""}
    document = assistant.document(source)
    start, end = place
    is_inside = start < end <= len(document.text)
    same = is_inside and (not hashed or hash_of(document.text[start:end]) == hashed)
    state = "ok" if same or not end else "changed"
    html = render_document(
        document,
        language,
        place=place if same else None,
        highlights=_within(marks, place) if same else (),
        standing=assistant.standing(source),
    )
    return {"state": state, "title": label_of(document), "html": html}


def _within(marks: str, place: tuple[int, int]) -> list[tuple[int, int]]:
    """Return the first marks that lie in a place, none of which overlaps another."""
    named = sorted((int(low), int(high)) for low, high in _MARK.findall(marks))
    kept: list[tuple[int, int]] = []
    for low, high in named:
        after = kept[-1][1] if kept else place[0]
        if after <= low < high <= place[1] and len(kept) < _MOST_MARKS:
            kept.append((low, high))
    return kept
