"""Who may manage documents and questions: who knows the password, or sits at the machine."""

import hmac
import ipaddress
import re
import secrets
from collections.abc import Mapping

__all__ = ["Access"]

_HERE = frozenset({"localhost", "127.0.0.1", "[::1]"})
_PORT = re.compile(r":\d+$")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
_MOST_SESSIONS = 1_000


class Access:
    """Tells owners from others.

    Without a password the owner is who asks from this machine itself: neither through a proxy,
    nor under another name than the machine's own, as a page of another site would.

    Args:
        password: What owners know, or None.
    """

    def __init__(self, password: str | None) -> None:
        self._password = password
        self._sessions: dict[str, None] = {}

    @property
    def by_password(self) -> bool:
        """Whether owners sign in."""
        return self._password is not None

    def sign_in(self, password: str) -> str | None:
        """Return the token of a new session; None if the password is wrong."""
        known = self._password
        if known is None or not hmac.compare_digest(known.encode(), password.encode()):
            return None
        token = secrets.token_urlsafe(32)
        self._sessions[token] = None
        while len(self._sessions) > _MOST_SESSIONS:
            self._sessions.pop(next(iter(self._sessions)))
        return token

    def sign_out(self, token: str) -> None:
        """End a session."""
        self._sessions.pop(token, None)

    def is_owner(self, *, token: str, client: str, headers: Mapping[str, str]) -> bool:
        """Tell whether a request is an owner's.

        Args:
            token: Of its session, or "".
            client: The address it comes from.
            headers: Its headers, by names in lower case.
        """
        if self._password is not None:
            return token in self._sessions
        name = headers.get("host", "").rsplit(":", 1)[0] if headers.get("host") else ""
        if headers.get("host", "").endswith("]"):
            name = headers["host"]
        return (
            not any(one in headers for one in _FORWARDED) and _is_loopback(client) and name in _HERE
        )


def _is_loopback(client: str) -> bool:
    try:
        return ipaddress.ip_address(client).is_loopback
    except ValueError:
        return False
