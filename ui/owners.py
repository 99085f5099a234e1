"""What document owners may do on the page: manage documents, and see what people asked in vain."""

import asyncio
from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any

import gradio as gr
from fastapi import Body, Cookie, Depends, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from rag.answer import label_of
from rag.errors import DocumentError, DocumentExistsError
from rag.inbox import Entry, Inbox, Kind
from rag.library import Library, ListedDocument
from rag.validity import Standing, standing_of, today
from ui.access import Access

__all__ = ["add_owners_pages", "is_owner"]

_WRONG_PASSWORD_S = 1.0  # to wait after one
_SESSION = "trichdan_owner"

Json = dict[str, Any]


def add_owners_pages(server: gr.Server, library: Library, inbox: Inbox, access: Access) -> None:
    """Add the routes behind the pages for owners."""
    owner = _owner_check(access)
    _add_sign_in(server, access)
    _add_documents(server, library, owner, by_password=access.by_password)
    _add_questions(server, inbox, owner)


def is_owner(access: Access, request: Request) -> bool:
    """Tell whether a request is an owner's."""
    return access.is_owner(
        token=request.cookies.get(_SESSION, ""),
        client=request.client.host if request.client else "",
        headers={name.lower(): value for name, value in request.headers.items()},
    )


def _owner_check(access: Access) -> Any:
    def check(request: Request) -> None:
        if not is_owner(access, request):
            raise HTTPException(HTTPStatus.FORBIDDEN, "for document owners")

    return Depends(check)


def _add_sign_in(server: gr.Server, access: Access) -> None:
    one_at_a_time = asyncio.Lock()

    @server.post("/api/owner")
    async def sign_in(password: Annotated[str, Body(embed=True, max_length=1_000)]) -> Response:
        async with one_at_a_time:
            token = access.sign_in(password)
            if token is None:
                await asyncio.sleep(_WRONG_PASSWORD_S)
        if token is None:
            raise HTTPException(HTTPStatus.FORBIDDEN, "wrong password")
        response = JSONResponse({"owner": True})
        response.set_cookie(_SESSION, token, httponly=True, samesite="strict")
        return response

    @server.delete("/api/owner")
    def sign_out(trichdan_owner: Annotated[str, Cookie()] = "") -> Json:
        access.sign_out(trichdan_owner)
        return {"owner": False}


def _add_documents(server: gr.Server, library: Library, owner: Any, *, by_password: bool) -> None:
    @server.get("/api/documents", dependencies=[owner])
    def listed() -> Json:
        documents, problem = library.documents()
        return {
            "documents": [_document_row(one) for one in documents],
            "kinds": sorted(library.suffixes),
            "problem": problem,
            "can_sign_out": by_password,
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
                        f"{name} is larger than {library.max_bytes / 1e6:.0f} MB; split it, or "
                        "raise TRICHDAN_MAX_FILE_MB",
                        f"{name} lớn hơn {library.max_bytes / 1e6:.0f} MB; hãy chia nhỏ, hoặc "
                        "nâng TRICHDAN_MAX_FILE_MB.",
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


def _document_row(one: ListedDocument) -> Json:
    metadata = one.document.metadata if one.document else None
    return {
        "source": one.source,
        "title": label_of(one.document) if one.document else one.source,
        "date": metadata.date if metadata else "",
        "state": one.state,
        "standing": _standing(one),
        "passages": one.passages,
        "reason": {"en": one.reason, "vi": one.vietnamese or one.reason},
    }


def _standing(one: ListedDocument) -> str:
    """Return the name of the words for a document that is not in force; "" for others."""
    standing = standing_of(one.document.metadata, today()) if one.document else Standing.UNKNOWN
    return {Standing.EXPIRED: "expired", Standing.NOT_YET: "not yet"}.get(standing, "")


def _refused(error: DocumentError) -> JSONResponse:
    reason = {"en": str(error), "vi": error.vietnamese or str(error)}
    exists = isinstance(error, DocumentExistsError)
    return JSONResponse({"reason": reason, "exists": exists}, HTTPStatus.CONFLICT)


def _indexing(library: Library) -> Json:
    now = library.indexing()
    return {
        "running": now.running,
        "done": now.done,
        "total": now.total,
        "finished": now.finished,
        "error": now.error,
    }


def _add_questions(server: gr.Server, inbox: Inbox, owner: Any) -> None:
    def chosen(kind: str, state: str, containing: str) -> tuple[Entry, ...]:
        return inbox.entries(
            kind=Kind(kind) if kind in {one.value for one in Kind} else None,
            is_open={"open": True, "resolved": False}.get(state),
            containing=containing,
        )

    @server.get("/api/questions", dependencies=[owner])
    def entries(kind: str = "", state: str = "", containing: str = "") -> Json:
        found = chosen(kind, state, containing)
        return {"entries": [asdict(one) for one in found]}

    @server.get("/api/questions.csv", dependencies=[owner])
    def as_csv(kind: str = "", state: str = "", containing: str = "") -> Response:
        return Response(
            "\ufeff" + inbox.as_csv(chosen(kind, state, containing)),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="questions.csv"'},
        )

    @server.post("/api/questions/{number}", dependencies=[owner])
    def settle(number: int, resolved: Annotated[bool, Body(embed=True)]) -> Json:
        done = inbox.resolve(number) if resolved else inbox.reopen(number)
        if not done:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return {}
