"""What the page is put together from: words, languages, access, exports, examples."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path

import pytest

from rag.domain.documents import Language
from rag.service.assistant import Assistant
from tests.conftest import Build, OpenAssistant
from ui.examples import find_examples
from ui.export import KeptQuote, KeptTurn, TooMuchError, as_html, as_markdown, read_turns
from ui.page import Page, language_of
from ui.render import hash_of
from ui.texts import PAGE, TEXTS

STATIC = resources.files("ui") / "static"


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


# ---- exports --------------------------------------------------------------------------------


def test_a_conversation_is_written_with_what_the_documents_say(assistant: Assistant) -> None:
    text = assistant.document("parking.md").text
    said = "Staff may park in the yard behind the main building."
    start = text.index(said)
    place = KeptQuote(source="parking.md", start=start, end=start + len(said), hash=hash_of(said))
    turns = read_turns(
        assistant,
        [
            KeptTurn(question="Where # may *staff* park?", answered=True, quotes=(place,)),
            KeptTurn(
                question="<b>Who</b>?",
                quotes=(
                    replace(place, hash="0" * 12),
                    replace(place, source="gone.txt"),
                    replace(place, end=10_000),
                ),
            ),
        ],
    )
    assert [(len(turn.quotes), turn.lost) for turn in turns] == [(1, 0), (0, 3)]
    markdown = as_markdown(turns, Language.ENGLISH)
    assert "## Where \\# may \\*staff\\* park?" in markdown
    assert f"> {said[:-1]}\\." in markdown
    assert f"parking\\.md:{start}\\-{start + len(said)}" in markdown
    assert "\\<b\\>Who" in markdown
    assert markdown.count("has changed") == 1
    html = as_html(turns, Language.VIETNAMESE)
    assert f'<blockquote lang="en">{said}</blockquote>' in html
    assert "&lt;b&gt;Who" in html
    assert "<script" not in html


def test_an_export_is_no_larger_than_what_answers_quote(
    tmp_path: Path, build: Build, open_assistant: OpenAssistant
) -> None:
    folder = tmp_path / "long"
    folder.mkdir()
    (folder / "a.txt").write_text("Một câu rất dài. " * 500, encoding="utf-8")
    build(folder)
    assistant = open_assistant(tmp_path / "index")
    text = assistant.document("a.txt").text

    def place(end: int) -> KeptQuote:
        return KeptQuote(source="a.txt", start=0, end=end, hash=hash_of(text[:end]))

    whole, longest = place(len(text)), place(4_000)
    turn = KeptTurn(question="a?", answered=True, quotes=(whole, longest))
    assert [(len(one.quotes), one.lost) for one in read_turns(assistant, [turn])] == [(1, 1)]
    with pytest.raises(TooMuchError):
        read_turns(assistant, [replace(turn, quotes=(longest,) * 20)] * 13)


# ---- examples -------------------------------------------------------------------------------


@pytest.mark.model
def test_the_examples_of_the_seeds_are_answered(seeds: Assistant) -> None:
    examples = find_examples(seeds)
    assert len(examples) == 6
    assert all(seeds.ask(one).answerable for one in examples)
    assert {"vi", "en"} == {seeds.ask(one).query.language for one in examples}


def test_examples_of_other_documents_are_their_own(assistant: Assistant) -> None:
    assert not any("ASEM" in one or "WCO" in one for one in find_examples(assistant))
