"""Who may manage documents and questions, whatever a proxy leaves in a request."""

import pytest

from ui.access import SESSION_S, Access, Entrance, address_of
from ui.rates import Rate

LOCAL = {"host": "127.0.0.1:7860"}
FORWARDED = [
    {"forwarded": "for=10.0.0.8"},
    {"x-forwarded-for": "10.0.0.8"},
    {"x-forwarded-host": "a.example"},
    {"x-forwarded-proto": "https"},
    {"x-forwarded-server": "a"},
    {"x-real-ip": "10.0.0.8"},
    {"via": "1.1 a"},
    {"cf-connecting-ip": "10.0.0.8"},
    {"true-client-ip": "10.0.0.8"},
]


def is_owner(access: Access, client: str, headers: dict[str, str], token: str = "") -> bool:
    return access.is_owner(token=token, client=client, headers=headers)


@pytest.mark.parametrize("headers", [{}, LOCAL, *FORWARDED])
def test_without_password_nobody_is_an_owner_who_does_not_know_the_code(
    headers: dict[str, str],
) -> None:
    access = Access(None)
    assert access.entrance is Entrance.CODE
    assert not is_owner(access, "127.0.0.1", {**LOCAL, **headers})
    for wrong in ("", "abcd-efgh-jkmn", access.code[:-1], f"{access.code}x"):
        assert access.sign_in(wrong) is None
    for right in (access.code, access.code.upper(), f"  {access.code.replace('-', '')}\n"):
        token = access.sign_in(right)
        assert token
        assert is_owner(access, "10.0.0.8", headers, token)


def test_each_start_has_a_code_of_its_own() -> None:
    codes = {Access(None).code for _ in range(20)}
    assert len(codes) == 20
    assert all(len(code) == 14 for code in codes)


def test_with_a_password_only_who_knows_it() -> None:
    access = Access("mật khẩu dài")
    assert (access.entrance, access.code) == (Entrance.PASSWORD, "")
    assert not is_owner(access, "127.0.0.1", LOCAL)
    assert access.sign_in("mật khẩu") is None
    assert access.sign_in("\ud800") is None
    token = access.sign_in("mật khẩu dài")
    assert token
    assert is_owner(access, "10.0.0.8", {"host": "a"}, token)
    access.sign_out(token)
    assert not is_owner(access, "10.0.0.8", {"host": "a"}, token)


def test_a_session_ends_after_a_working_day() -> None:
    now = [0.0]
    access = Access("mật khẩu dài", clock=lambda: now[0])
    token = access.sign_in("mật khẩu dài")
    assert token
    now[0] = SESSION_S - 1
    assert is_owner(access, "10.0.0.8", {}, token)
    now[0] = SESSION_S
    assert not is_owner(access, "10.0.0.8", {}, token)


@pytest.mark.parametrize(
    ("client", "headers", "owner"),
    [
        ("127.0.0.1", LOCAL, True),
        ("::1", {"host": "[::1]:7860"}, True),
        ("127.0.0.1", {"host": "localhost"}, True),
        ("10.0.0.8", LOCAL, False),
        ("127.0.0.1", {"host": "evil.example"}, False),
        ("127.0.0.1", {}, False),
        ("", LOCAL, False),
        *(("127.0.0.1", {**LOCAL, **headers}, False) for headers in FORWARDED),
    ],
)
def test_where_the_administrator_says_so_who_sits_at_the_machine(
    client: str, headers: dict[str, str], owner: bool
) -> None:
    assert is_owner(Access(None, owner_here=True), client, headers) is owner


@pytest.mark.parametrize(
    ("client", "forwarded", "address"),
    [
        ("10.0.0.8", None, "10.0.0.8"),
        ("127.0.0.1", "10.0.0.8", "10.0.0.8"),
        ("127.0.0.1", "1.2.3.4, 10.0.0.8", "10.0.0.8"),  # the proxy itself wrote only the last
        ("127.0.0.1", "1.2.3.4, nonsense", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("10.0.0.8", "1.2.3.4", "10.0.0.8"),  # anybody can say so
    ],
)
def test_whose_request_it_is(client: str, forwarded: str | None, address: str) -> None:
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    assert address_of(client, headers) == address


def test_a_budget_is_spent_and_fills_up_again_for_each_address() -> None:
    now = [0.0]
    rate = Rate(burst=3, per_second=0.5, clock=lambda: now[0])
    assert [rate.take("a") for _ in range(4)] == [True, True, True, False]
    assert rate.take("b")
    assert rate.retry_after == 2
    now[0] = 2.0
    assert [rate.take("a") for _ in range(2)] == [True, False]
    now[0] = 1_000.0
    assert [rate.take("a") for _ in range(4)] == [True, True, True, False], "no more than at first"


def test_of_many_addresses_little_is_kept() -> None:
    rate = Rate(burst=1, per_second=0.001)
    for i in range(30_000):
        rate.take(str(i))
    assert len(rate._left) == 10_000
