"""Who asks, and who may manage documents and questions."""

import hmac
import ipaddress
import re
import secrets
import time
from collections.abc import Callable, Mapping
from enum import StrEnum

__all__ = ["SESSION_S", "Access", "Entrance", "address_of"]

SESSION_S = 12 * 3600
"""How long an owner stays signed in: a working day."""

_HERE = frozenset({"localhost", "127.0.0.1", "[::1]"})
_PORT = re.compile(r":\d+$")
# What proxies and tunnels leave in a request that they pass on.
_FORWARDED = re.compile(
    r"forwarded|x-forwarded-.*|x-real-ip|x-client-ip|true-client-ip|via|cf-.*|x-original-.*"
    r"|x-envoy-.*|x-amzn-trace-id|x-cluster-client-ip|fastly-.*|x-proxy.*"
)
_MOST_SESSIONS = 1_000
_CODE_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is read as another
_CODE_LENGTH = 12  # letters: 59 bits


class Entrance(StrEnum):
    """How an owner is known."""

    PASSWORD = "password"
    CODE = "code"  # that the server printed when it was started
    HERE = "here"  # who asks from the server's own machine


class Access:
    """Tells owners from others.

    An owner signs in, once in twelve hours, with the password or, if there is none, with a code
    that is made for each start of the server and that only who started it can read. Only where the
    administrator says so is everybody an owner who asks from this machine itself, neither through
    a proxy that can be noticed nor under another name than the machine's own.

    Args:
        password: What owners know, or None.
        owner_here: Whether everybody at this machine is an owner.
        clock: Returns seconds.
    """

    def __init__(
        self,
        password: str | None,
        *,
        owner_here: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if owner_here:
            self.entrance = Entrance.HERE
        else:
            self.entrance = Entrance.CODE if password is None else Entrance.PASSWORD
        self._secret = _new_code() if password is None else password
        self._clock = clock
        self._sessions: dict[str, float] = {}  # tokens, and until when they hold

    @property
    def code(self) -> str:
        """What to sign in with where there is no password; "" where it is not needed."""
        return self._secret if self.entrance is Entrance.CODE else ""

    def sign_in(self, secret: str) -> str | None:
        """Return the token of a new session; None if the password or code is wrong."""
        given, expected = secret.strip(), self._secret
        if self.entrance is Entrance.CODE:
            given = given.replace("-", "").lower()
            expected = expected.replace("-", "")
        if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogatepass")):
            return None
        token = secrets.token_urlsafe(32)
        self._sessions[token] = self._clock() + SESSION_S
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
            client: The address that the connection comes from.
            headers: Its headers, by names in lower case.
        """
        if self._sessions.get(token, 0.0) > self._clock():
            return True
        if self.entrance is not Entrance.HERE:
            return False
        forwarded = any(map(_FORWARDED.fullmatch, headers))
        host = _PORT.sub("", headers.get("host", ""))
        return not forwarded and _is_loopback(client) and host in _HERE


def _new_code() -> str:
    letters = "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))
    return "-".join(letters[start : start + 4] for start in range(0, _CODE_LENGTH, 4))


def address_of(client: str, headers: Mapping[str, str]) -> str:
    """Return whose request it is, so that one address cannot use up what is for all.

    Args:
        client: The address that the connection comes from.
        headers: By names in lower case. Where a proxy on this machine passes requests on, the
            address is the last that X-Forwarded-For names: that one the proxy wrote itself.
    """
    last = headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    if last and _is_loopback(client):
        try:
            return str(ipaddress.ip_address(last))
        except ValueError:
            return client
    return client


def _is_loopback(client: str) -> bool:
    try:
        return ipaddress.ip_address(client).is_loopback
    except ValueError:
        return False
