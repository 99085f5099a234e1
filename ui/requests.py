"""What routes do with a request before they answer it."""

from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from ui.access import Access, address_of
from ui.line import BusyError, LeftError, Line
from ui.rates import Rate

__all__ = ["SESSION", "add_error_handlers", "asker", "in_line", "is_owner", "not_too_often"]

SESSION = "trichdan_owner"
"""The cookie of an owner's session."""

_LEFT = 499  # as nginx calls it; nobody reads it
_SHOWN_ERRORS = 5

T = TypeVar("T")


def _headers(request: Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


def asker(request: Request) -> str:
    """Return the address of who asks."""
    return address_of(_client(request), _headers(request))


def is_owner(access: Access, request: Request) -> bool:
    """Tell whether a request is an owner's."""
    return access.is_owner(
        token=request.cookies.get(SESSION, ""),
        client=_client(request),
        headers=_headers(request),
    )


async def in_line(line: Line, request: Request, work: Callable[[], T]) -> T:
    """Return what a piece of work returns, once it was the asker's turn.

    Raises:
        HTTPException: 503 with Retry-After if too many are waiting.
    """
    try:
        return await line.run(asker(request), work, request.is_disconnected)
    except BusyError as error:
        raise HTTPException(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "too many are waiting",
            {"Retry-After": str(error.retry_after)},
        ) from error
    except LeftError as error:
        raise HTTPException(_LEFT) from error


def not_too_often(rate: Rate, request: Request) -> None:
    """Spend one of the asker's budget.

    Raises:
        HTTPException: 429 with Retry-After if it is spent.
    """
    if not rate.take(asker(request)):
        raise HTTPException(
            HTTPStatus.TOO_MANY_REQUESTS, "too often", {"Retry-After": str(rate.retry_after)}
        )


def add_error_handlers(server: FastAPI) -> None:
    """Say what is wrong with a request that cannot be understood, without repeating it."""

    @server.exception_handler(RequestValidationError)
    async def not_understood(_: Request, error: Exception) -> JSONResponse:
        problems = error.errors() if isinstance(error, RequestValidationError) else []
        shown = [
            {"at": ".".join(map(str, problem["loc"]))[:100], "problem": problem["type"]}
            for problem in problems[:_SHOWN_ERRORS]
        ]
        return JSONResponse({"detail": shown}, HTTPStatus.UNPROCESSABLE_ENTITY)
