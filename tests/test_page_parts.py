"""What the page is put together from: words, languages, access, exports, examples."""

import re
from html.parser import HTMLParser
from importlib import resources

import pytest

from rag.assistant import Assistant
from rag.documents import Language
from ui.access import Access
from ui.examples import find_examples
from ui.export import as_html, as_markdown, read_turns
from ui.page import Page, language_of
from ui.render import hash_of
from ui.texts import PAGE, TEXTS

STATIC = resources.files("ui") / "static"
LOCAL = {"host": "127.0.0.1:7860"}


# ---- words and languages --------------------------------------------------------------------


def test_both_languages_say_all_with_the_same_blanks() -> None:
    vietnamese, english = PAGE[Language.VIETNAMESE], PAGE[Language.ENGLISH]
    assert vietnamese.keys() == english.keys()
    for name in vietnamese:
        blanks = [sorted(re.findall(r"\{\w+\}", one[name])) for one in (vietnamese, english)]
        assert blanks[0] == blanks[1], name
        assert vietnamese[name] != english[name], name
    assert TEXTS.keys() == set(Language)


def test_the_scripts_and_the_template_use_only_words_that_there_are() -> None:
    used = set(re.findall(r"data-(?:text|label|placeholder)=\"([\w.-]+)\"", read("index.html")))
    for name in ("app.js", "documents.js", "questions.js", "owner.js", "words.js"):
        used |= set(re.findall(r"\bt\(\"([\w.-]+)\"", read(name)))
    assert len(used) > 60
    assert used <= PAGE[Language.ENGLISH].keys()


def read(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        ("", "vi-VN,vi;q=0.9,en;q=0.8", "vi"),
        ("", "en-US,en;q=0.9,vi;q=0.8", "en"),
        ("", "fr-FR,vi;q=0.3,en;q=0.7", "en"),
        ("", "fr-FR", "vi"),
        ("", "", "vi"),
        ("en", "vi-VN", "en"),
        ("xx", "en", "en"),
        ("", ";;q=,,=", "vi"),
    ],
)
def test_the_language_chosen_or_accepted(chosen: str, accepted: str, language: str) -> None:
    assert language_of(chosen, accepted) == language


def test_the_page_is_whole_and_closed_to_scripts() -> None:
    page = Page(STATIC)
    html = page.render(
        Language.VIETNAMESE, {"count": 3, "newest": ""}, ["</script><script>alert(1)</script>"]
    )

    found: list[dict[str, str | None]] = []

    class Scripts(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag == "script":
                found.append(dict(attrs))
            assert not [name for name, _ in attrs if name.startswith("on") or name == "style"]

    Scripts().feed(html)
    assert [one.get("type") for one in found] == ["application/json", "module"]
    assert "{{" not in html
    assert ">3 tài liệu</span>." in html
    assert page.asset("app.js")
    assert page.asset("../app.py") is None


# ---- who may manage -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("client", "headers", "owner"),
    [
        ("127.0.0.1", LOCAL, True),
        ("::1", {"host": "[::1]:7860"}, True),
        ("127.0.0.1", {"host": "localhost"}, True),
        ("10.0.0.8", LOCAL, False),
        ("127.0.0.1", {"host": "evil.example"}, False),
        ("127.0.0.1", {**LOCAL, "x-forwarded-for": "10.0.0.8"}, False),
        ("127.0.0.1", {}, False),
        ("", LOCAL, False),
    ],
)
def test_without_a_password_only_who_sits_at_the_machine(
    client: str, headers: dict[str, str], owner: bool
) -> None:
    assert Access(None).is_owner(token="", client=client, headers=headers) is owner


def test_with_a_password_only_who_knows_it() -> None:
    access = Access("mật khẩu dài")
    assert not access.is_owner(token="", client="127.0.0.1", headers=LOCAL)
    assert access.sign_in("mật khẩu") is None
    token = access.sign_in("mật khẩu dài")
    assert token
    assert access.is_owner(token=token, client="10.0.0.8", headers={"host": "a"})
    access.sign_out(token)
    assert not access.is_owner(token=token, client="10.0.0.8", headers={"host": "a"})


# ---- exports --------------------------------------------------------------------------------


def test_a_conversation_is_written_with_what_the_documents_say(assistant: Assistant) -> None:
    text = assistant.document("parking.md").text
    quoted = "Staff may park in the yard behind the main building."
    start = text.index(quoted)
    place = {
        "source": "parking.md", "start": start, "end": start + len(quoted), "hash": hash_of(quoted),
    }  # fmt: skip
    turns = read_turns(
        assistant,
        [
            {"question": "Where # may *staff* park?", "answered": True, "quotes": [place]},
            {
                "question": "<b>Who</b>?",
                "answered": False,
                "quotes": [
                    {**place, "hash": "0" * 12},
                    {**place, "source": "gone.txt"},
                    {**place, "end": 10_000},
                ],
            },
        ],
    )
    markdown = as_markdown(turns, Language.ENGLISH)
    assert "## Where \\# may \\*staff\\* park?" in markdown
    assert f"> {quoted}" in markdown
    assert f"parking.md:{start}-{start + len(quoted)}" in markdown
    assert "\\<b\\>Who" in markdown
    assert markdown.count("has changed") == 1
    html = as_html(turns, Language.VIETNAMESE)
    assert f'<blockquote lang="en">{quoted}</blockquote>' in html
    assert "&lt;b&gt;Who" in html
    assert "<script" not in html


@pytest.mark.parametrize("value", [{}, {"question": 1, "quotes": [{"source": "parking.md"}]}])
def test_what_is_no_conversation_is_refused(assistant: Assistant, value: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        read_turns(assistant, [value])


# ---- examples -------------------------------------------------------------------------------


@pytest.mark.model
def test_the_examples_of_the_seeds_are_answered(seeds: Assistant) -> None:
    examples = find_examples(seeds)
    assert len(examples) == 6
    assert all(seeds.ask(one).answerable for one in examples)
    assert {"vi", "en"} == {seeds.ask(one).query.language for one in examples}


def test_examples_of_other_documents_are_their_own(assistant: Assistant) -> None:
    assert not any("ASEM" in one or "WCO" in one for one in find_examples(assistant))
