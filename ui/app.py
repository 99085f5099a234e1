"""The chat page: Gradio's server with a page of our own. What is shown is made in render.py."""

from collections.abc import Iterable
from http import HTTPStatus
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import gradio as gr
from fastapi import Body, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from rag.domain.documents import Language
from rag.domain.permissions import EVERYTHING, Scope
from rag.errors import InboxError
from rag.present.citation import shown_date
from rag.service.documents.library import Library
from rag.service.inbox import EntryKind, Inbox
from ui.access import Access
from ui.examples import Examples
from ui.guard import Guard, names_of_this_machine
from ui.owners import add_owners_pages
from ui.page import Page, language_of
from ui.questions import add_answers
from ui.rates import Rate
from ui.requests import add_error_handlers, is_owner, not_too_often
from ui.sources import add_sources

__all__ = ["build_server"]

_STATIC = resources.files("ui") / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
_OPINIONS_AT_ONCE = 30  # of one address, behind which an office may be
_OPINIONS_A_SECOND = 0.2

Json = dict[str, Any]


class _Server(gr.Server):
    """Gradio's server behind the guard.

    Only routes of our own are added to it. Gradio's, which it adds when it is launched by itself,
    are not there: its queue keeps something of each question, and its data model fetches and
    stores what a question names.
    """

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(title="Trích Dẫn", docs_url=None, redoc_url=None, openapi_url=None)
        self._guard = Guard(super().__call__, names)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Handle a request."""
        await self._guard(scope, receive, send)


def build_server(
    library: Library,
    inbox: Inbox,
    access: Access,
    *,
    names: Iterable[str] = (),
    scope: Scope = EVERYTHING,
) -> gr.Server:
    """Return the server of the page over a library.

    Args:
        library: What is asked.
        inbox: Where questions are passed on to.
        access: Who may manage both.
        names: By which the server is called, beside this machine's own.
        scope: What everybody who opens the page may read; owners may read everything.
    """
    server = _Server({*names_of_this_machine(), *names})
    page, examples = Page(_STATIC), Examples(scope)
    examples.get(library.assistant())
    add_error_handlers(server)
    _add_page(server, library, access, page, examples, scope, keep_names=inbox.keep_names)
    add_answers(server, library, scope)
    add_sources(server, library, access, scope)
    _add_opinions(server, inbox)
    add_owners_pages(server, library, inbox, access)
    return server


def _add_page(
    server: gr.Server,
    library: Library,
    access: Access,
    page: Page,
    examples: Examples,
    scope: Scope,
    *,
    keep_names: bool,
) -> None:
    @server.api_route("/", methods=["GET", "HEAD"], response_class=HTMLResponse)
    def show(request: Request) -> HTMLResponse:
        language = language_of(
            request.cookies.get("trichdan_language", ""),
            request.headers.get("accept-language", ""),
        )
        facts = _facts(library, scope, language)
        html = page.render(language, facts, examples.get(library.assistant()))
        return HTMLResponse(html, headers={"Cache-Control": "no-store"})

    @server.get("/static/{name:path}")
    def static(name: str, v: str = "") -> Response:
        content = page.asset(name)
        if content is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        lasting = v or name.startswith("fonts/")
        kept = "public, max-age=31536000, immutable" if lasting else "no-cache"
        return Response(
            content, media_type=_TYPES[Path(name).suffix], headers={"Cache-Control": kept}
        )

    @server.get("/favicon.ico")
    def icon() -> Response:
        return Response(page.asset("favicon.svg"), media_type=_TYPES[".svg"])

    @server.get("/api/start")
    def start(request: Request) -> Json:
        questions = examples.get(library.assistant())
        return {
            "examples": list(questions) if questions is not None else None,
            "facts": {language.value: _facts(library, scope, language) for language in Language},
            "collections": library.assistant().collections(scope),
            "owner": is_owner(access, request),
            "entrance": access.entrance,
            "keep_names": keep_names,
        }


def _add_opinions(server: gr.Server, inbox: Inbox) -> None:
    rate = Rate(burst=_OPINIONS_AT_ONCE, per_second=_OPINIONS_A_SECOND)

    @server.post("/api/opinions")
    def keep(
        request: Request,
        kind: Annotated[EntryKind, Body()],
        question: Annotated[str, Body(min_length=1, max_length=2_000)],
        understood: Annotated[str, Body()] = "",
        quoted: Annotated[str, Body()] = "",
        reason: Annotated[str, Body()] = "",
        person: Annotated[str, Body()] = "",
    ) -> Json:
        not_too_often(rate, request)
        number = inbox.add(
            kind, question, understood=understood, quoted=quoted, reason=reason, person=person
        )
        return {"id": number}

    @server.exception_handler(InboxError)
    async def not_kept(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, InboxError)
        detail = {"reason": {"en": str(error), "vi": error.vietnamese}}
        return JSONResponse({"detail": detail}, HTTPStatus.INSUFFICIENT_STORAGE)


def _facts(library: Library, scope: Scope, language: Language) -> Json:
    assistant = library.assistant()
    return {
        "count": len(assistant.sources(scope)),
        "newest": shown_date(assistant.newest_date(scope), language),
    }
