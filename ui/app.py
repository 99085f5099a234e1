"""The chat page: Gradio's server with a page of our own. What is shown is made in render.py."""

import logging
import re
import socket
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from http import HTTPStatus
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import gradio as gr
from fastapi import Body, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse

from rag.answer import label_of, shown_date
from rag.config import Settings, load_settings
from rag.documents import Language
from rag.errors import InboxError, QuestionError, SettingsError
from rag.inbox import Inbox, Kind
from rag.library import Library
from rag.permissions import EVERYTHING, Scope
from ui.access import Access
from ui.examples import Examples
from ui.export import as_html, as_markdown, read_turns
from ui.guard import Guard, names_of_this_machine
from ui.owners import add_owners_pages, is_owner
from ui.page import Page, language_of
from ui.render import (
    hash_of,
    is_sure,
    render_answer,
    render_document,
    render_failure,
    render_question_error,
)

__all__ = ["build_server", "serve"]

_logger = logging.getLogger(__name__)
_STATIC = resources.files("ui") / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
_REMEMBERED = 10  # earlier questions of a conversation
_AT_ONCE = 2  # questions answered at the same time
_MARK = re.compile(r"(\d{1,9})-(\d{1,9})")

Json = dict[str, Any]


class _Server(gr.Server):
    """Gradio's server behind the guard, which also covers what Gradio adds when it is launched."""

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
    _add_page(server, library, access, page, examples, scope, keep_names=inbox.keep_names)
    _add_answers(server, library, scope)
    _add_sources(server, library, access, scope)
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
    @server.get("/", response_class=HTMLResponse)
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
        found = examples.get(library.assistant())
        return {
            "examples": list(found) if found is not None else None,
            "facts": {one.value: _facts(library, scope, one) for one in Language},
            "collections": library.assistant().collections(scope),
            "owner": is_owner(access, request),
            "by_password": access.by_password,
            "keep_names": keep_names,
        }


def _add_answers(server: gr.Server, library: Library, scope: Scope) -> None:
    @server.api(name="ask", concurrency_limit=_AT_ONCE)  # type: ignore[untyped-decorator]
    def ask(
        question: str, earlier: list[str], as_typed: bool, collections: list[str]
    ) -> Iterator[Json]:
        """Answer a question: first that it is being read, then how it is answered."""
        yield {"stage": "reading"}
        wanted = frozenset(map(str, collections or ()))
        within = replace(scope, collections=wanted) if wanted else scope
        yield _answer(library, question, earlier, as_typed, within)


def _answer(
    library: Library, question: str, earlier: list[str], as_typed: bool, scope: Scope
) -> Json:
    """Return an answer as HTML with what a browser keeps of it; errors are sentences too."""
    history = [{"question": str(one)} for one in (earlier or [])[-_REMEMBERED:]]
    try:
        answer = library.assistant().ask(
            str(question), history, as_typed=bool(as_typed), scope=scope
        )
    except QuestionError as error:
        return {"html": render_question_error(error), "refused": True, "quotes": []}
    except Exception:
        _logger.exception("a question could not be answered")
        return {"html": render_failure(), "failed": True, "quotes": []}
    quotes = answer.quotes or answer.related
    return {
        "html": render_answer(answer),
        "answered": answer.answerable,
        "sure": is_sure(answer),
        "differ": answer.differ,
        "language": answer.query.language,
        "understood": answer.query.text,
        "follows": answer.query.follows,
        "first": quotes[0].text if answer.answerable else "",
        "quotes": [
            {
                "source": one.document.source,
                "start": one.start,
                "end": one.end,
                "hash": hash_of(one.text),
            }
            for one in quotes
        ],
    }


def _add_sources(server: gr.Server, library: Library, access: Access, scope: Scope) -> None:
    @server.get("/api/source")
    def source(
        request: Request,
        d: str,
        language: Language,
        s: int = 0,
        e: int = 0,
        h: str = "",
        m: str = "",
    ) -> Json:
        assistant = library.assistant()
        if d not in assistant.sources(EVERYTHING if is_owner(access, request) else scope):
            return {"state": "gone", "title": d, "html": ""}
        document = assistant.document(d)
        there = 0 <= s < e <= len(document.text)
        same = there and (not h or hash_of(document.text[s:e]) == h)
        state = "ok" if same or not e else "changed"
        marks = [(int(low), int(high)) for low, high in _MARK.findall(m)] if same else []
        html = render_document(
            document,
            language,
            place=(s, e) if same else None,
            highlights=marks,
            standing=assistant.standing(d),
        )
        return {"state": state, "title": label_of(document), "html": html}

    @server.post("/api/export")
    def export(
        turns: Annotated[list[Json], Body()],
        language: Annotated[Language, Body()],
        form: Annotated[str, Body()],
    ) -> Response:
        try:
            found = read_turns(library.assistant(), turns, scope)
        except (KeyError, TypeError, ValueError) as error:
            raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY) from error
        if form == "html":
            return HTMLResponse(as_html(found, language))
        return PlainTextResponse(as_markdown(found, language), media_type="text/markdown")


def _add_opinions(server: gr.Server, inbox: Inbox) -> None:
    @server.post("/api/opinions")
    def keep(
        kind: Annotated[Kind, Body()],
        question: Annotated[str, Body(min_length=1, max_length=2_000)],
        understood: Annotated[str, Body()] = "",
        quoted: Annotated[str, Body()] = "",
        reason: Annotated[str, Body()] = "",
        person: Annotated[str, Body()] = "",
    ) -> Json:
        number = inbox.add(
            kind, question, understood=understood, quoted=quoted, reason=reason, person=person
        )
        return {"id": number}

    @server.exception_handler(InboxError)
    async def not_kept(_: Request, error: Exception) -> JSONResponse:
        _logger.error("%s", error)
        return JSONResponse({"detail": str(error)}, HTTPStatus.INSUFFICIENT_STORAGE)


def _facts(library: Library, scope: Scope, language: Language) -> Json:
    assistant = library.assistant()
    return {
        "count": len(assistant.sources(scope)),
        "newest": shown_date(assistant.newest_date(scope), language),
    }


def serve(index: Path, *, host: str, port: int) -> None:
    """Serve the page until interrupted, and print its address.

    Raises:
        SettingsError: If the port cannot be used.
        TrichDanError: If the index cannot be opened.
    """
    _check_port(host, port)
    settings = load_settings()
    names = [host, *_listed(settings.hosts)]
    server = build_server(
        Library(index, settings=settings),
        _inbox(settings),
        Access(_password(settings)),
        names=names,
        scope=Scope(groups=frozenset(_listed(settings.reader_groups))),
    )
    server.launch(
        server_name=host,
        server_port=port,
        share=False,
        quiet=True,
        prevent_thread_lock=True,
        footer_links=[],
        enable_monitoring=False,
        ssr_mode=False,
        show_error=False,
    )
    shown = "localhost" if host == "0.0.0.0" else host
    print(f"Trích Dẫn: http://{shown}:{port}  (Ctrl+C to stop)", flush=True)  # noqa: T201
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return


def _listed(names: str) -> list[str]:
    return [one.strip() for one in names.split(",") if one.strip()]


def _inbox(settings: Settings) -> Inbox:
    return Inbox(settings.data_dir / "questions.sqlite", keep_names=settings.keep_names)


def _password(settings: Settings) -> str | None:
    return settings.owner_password.get_secret_value() if settings.owner_password else None


def _check_port(host: str, port: int) -> None:
    """Find out before the model is loaded whether the port is free."""
    if ":" in host:
        raise SettingsError(
            f"the page cannot be served on {host}: give a name or an IPv4 address with --host"
        )
    try:
        with socket.socket(socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SettingsError(
            f"the page cannot be served on {host}:{port}: {reason}; choose another with --port"
        ) from error
