"""What document owners may do on the page: manage documents, and see what people asked in vain."""

import asyncio
from dataclasses import asdict
from http import HTTPStatus
from itertools import chain
from typing import Annotated, Any

import gradio as gr
from fastapi import Body, Depends, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import Field

from rag.domain.standing import Standing, standing_of, today
from rag.errors import DocumentError, DocumentExistsError
from rag.ingest.run.example_questions import read_examples, save_examples
from rag.language.visible import visible
from rag.messages import Message
from rag.present.citation import label_of
from rag.service.documents.library import Library, ListedDocument
from rag.service.inbox import EntryKind, Inbox
from ui.access import SESSION_S, Access, Entrance
from ui.rates import Rate
from ui.requests import SESSION, is_owner, not_too_often

__all__ = ["add_owners_pages"]

_PAGE = 100  # questions shown at once
_WRONG_PASSWORD_S = 1.0  # until it is told that one is wrong

# Of one address. All that wait to be told are checked at once, so what they may be is limited: on
# average one a second, as if each had waited for the one before.
_WRONG_AT_ONCE = 1_200
_WRONG_A_SECOND = 1.0

_Line = Annotated[str, Field(max_length=1_000)]
_Containing = Annotated[str, Query(max_length=200)]
Json = dict[str, Any]


def add_owners_pages(server: gr.Server, library: Library, inbox: Inbox, access: Access) -> None:
    """Add the routes behind the pages for owners."""
    owner = _owner_check(access)
    _add_sign_in(server, access)
    _add_documents(server, library, owner, can_sign_out=access.entrance is not Entrance.HERE)
    _add_examples(server, library, owner)
    _add_questions(server, inbox, owner)


def _owner_check(access: Access) -> Any:
    def check(request: Request) -> None:
        if not is_owner(access, request):
            raise HTTPException(HTTPStatus.FORBIDDEN, "for document owners")

    return Depends(check)


def _add_sign_in(server: gr.Server, access: Access) -> None:
    rate = Rate(burst=_WRONG_AT_ONCE, per_second=_WRONG_A_SECOND)

    @server.post("/api/owner")
    async def sign_in(
        request: Request, password: Annotated[str, Body(embed=True, max_length=1_000)]
    ) -> Response:
        not_too_often(rate, request)
        token = access.sign_in(password)  # at once: wrong ones never delay the right one
        if token is None:
            await asyncio.sleep(_WRONG_PASSWORD_S)
            raise HTTPException(HTTPStatus.FORBIDDEN, "wrong password")
        response = JSONResponse({"owner": True})
        response.set_cookie(
            SESSION,
            token,
            max_age=SESSION_S,
            httponly=True,
            samesite="strict",
            secure=_is_secure(request),
        )
        return response

    @server.delete("/api/owner")
    def sign_out(request: Request) -> Response:
        access.sign_out(request.cookies.get(SESSION, ""))
        response = JSONResponse({"owner": False})
        response.delete_cookie(
            SESSION, httponly=True, samesite="strict", secure=_is_secure(request)
        )
        return response


def _is_secure(request: Request) -> bool:
    """Tell whether the browser came by HTTPS, which it says itself in Origin."""
    origin = request.headers.get("origin", "")
    forwarded = request.headers.get("x-forwarded-proto", "")
    return "https" in (request.url.scheme, origin.partition(":")[0], forwarded)


def _add_documents(server: gr.Server, library: Library, owner: Any, *, can_sign_out: bool) -> None:
    @server.get("/api/documents", dependencies=[owner])
    def listed() -> Json:
        documents, problem = library.documents()
        return {
            "documents": [_document_row(listed) for listed in documents],
            "kinds": sorted(library.suffixes),
            "problem": _told(problem),
            "can_sign_out": can_sign_out,
            "indexing": _indexing(library),
        }

    @server.put("/api/documents", dependencies=[owner])
    async def add(request: Request, name: str, replacing: bool = False) -> Response:
        content = bytearray()
        async for chunk in request.stream():
            content += chunk
            if len(content) > library.max_bytes:
                return _refused(
                    DocumentError(
                        "page.upload_too_large",
                        name=name,
                        limit=library.max_bytes / 1_000_000,
                    )
                )
        try:
            source = await run_in_threadpool(library.add, name, bytes(content), replacing=replacing)
            return JSONResponse({"source": source})
        except DocumentError as error:
            return _refused(error)

    @server.delete("/api/documents", dependencies=[owner])
    def remove(d: str) -> Response:
        try:
            library.remove(d)
        except DocumentError as error:
            return _refused(error)
        return JSONResponse({})

    @server.post("/api/indexing", dependencies=[owner])
    def index() -> Json:
        library.start_indexing()
        return _indexing(library)

    @server.get("/api/indexing", dependencies=[owner])
    def progress() -> Json:
        return _indexing(library)


def _add_examples(server: gr.Server, library: Library, owner: Any) -> None:
    @server.get("/api/examples", dependencies=[owner])
    def chosen() -> Response:
        try:
            return JSONResponse({"lines": read_examples(library.folder)})
        except DocumentError as error:
            return _refused(error)

    @server.put("/api/examples", dependencies=[owner])
    def choose(lines: Annotated[list[_Line], Body(embed=True, max_length=100)]) -> Response:
        try:
            save_examples(library.folder, lines)
        except DocumentError as error:
            return _refused(error)
        return JSONResponse({})


def _document_row(listed: ListedDocument) -> Json:
    metadata = listed.document.metadata if listed.document else None
    return {
        "source": listed.source,
        "title": label_of(listed.document) if listed.document else listed.source,
        "date": metadata.date if metadata else "",
        "state": listed.state,
        "standing": _standing(listed),
        "passages": listed.passages,
        "reason": _told(listed.message),
    }


def _standing(listed: ListedDocument) -> str:
    """Return the name of the words for a document that is not in force; "" for others."""
    standing = (
        standing_of(listed.document.metadata, today()) if listed.document else Standing.UNKNOWN
    )
    return {Standing.EXPIRED: "expired", Standing.NOT_YET: "not yet"}.get(standing, "")


def _refused(error: DocumentError) -> JSONResponse:
    exists = isinstance(error, DocumentExistsError)
    return JSONResponse({"reason": _told(error.message), "exists": exists}, HTTPStatus.CONFLICT)


def _told(message: Message | None) -> Json | None:
    """Return what is said in both languages, for the page to choose."""
    if message is None:
        return None
    return {"en": visible(message.english), "vi": visible(message.vietnamese)}


def _indexing(library: Library) -> Json:
    now = library.indexing()
    return {
        "running": now.running,
        "done": now.done,
        "total": now.total,
        "finished": now.finished,
        "error": _told(now.error),
    }


def _add_questions(server: gr.Server, inbox: Inbox, owner: Any) -> None:
    def asked(kind: str, state: str) -> tuple[EntryKind | None, bool | None]:
        of_kind = EntryKind(kind) if kind in set(EntryKind) else None
        return of_kind, {"open": True, "resolved": False}.get(state)

    @server.get("/api/questions", dependencies=[owner])
    def entries(
        kind: str = "", state: str = "", containing: _Containing = "", before: int | None = None
    ) -> Json:
        of_kind, is_open = asked(kind, state)
        page = inbox.entries(
            kind=of_kind, is_open=is_open, containing=containing, before=before, limit=_PAGE + 1
        )
        return {"entries": [asdict(entry) for entry in page[:_PAGE]], "more": len(page) > _PAGE}

    @server.get("/api/questions.csv", dependencies=[owner])
    def as_csv(kind: str = "", state: str = "", containing: _Containing = "") -> Response:
        of_kind, is_open = asked(kind, state)
        lines = inbox.as_csv(kind=of_kind, is_open=is_open, containing=containing)
        return StreamingResponse(
            chain(["\ufeff"], lines),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="questions.csv"'},
        )

    @server.post("/api/questions/{number}", dependencies=[owner])
    def settle(number: int, resolved: Annotated[bool, Body(embed=True)]) -> Json:
        done = inbox.resolve(number) if resolved else inbox.reopen(number)
        if not done:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return {}
