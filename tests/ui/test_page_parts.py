"""What the page is put together from: words, languages, access, exports, examples."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from rag.domain.documents import Language
from rag.service.assistant import Assistant
from tests.conftest import Build, OpenAssistant
from ui.examples import find_examples
from ui.export import KeptQuote, KeptTurn, TooMuchError, as_html, as_markdown, read_turns
from ui.page import Page, language_of
from ui.render import hash_of
from ui.templating import fill
from ui.texts import page_texts

STATIC = resources.files("ui") / "static"


# ---- words and languages --------------------------------------------------------------------


def test_the_page_has_its_texts_by_the_names_that_its_scripts_use() -> None:
    english = page_texts(Language.ENGLISH)
    assert english["knows"] == "{count} documents"
    assert english["answer.not_found"] == "The documents do not say"
    assert page_texts(Language.VIETNAMESE).keys() == english.keys()


def test_nothing_in_a_value_of_a_template_is_markup_or_acts_unseen() -> None:
    hostile = "<b>'\"&\u202e"
    html = fill("problem.html", problem={"en": hostile}, is_verdict=False)
    assert "&lt;b&gt;&#39;&#34;&amp;\ufffd</p>" in html
    with pytest.raises(UndefinedError):
        fill("problem.html", problem={"en": hostile})


def test_the_scripts_load_only_what_lies_beside_them() -> None:
    page = Page(STATIC)
    scripts = [entry.name for entry in STATIC.iterdir() if entry.name.endswith(".js")]
    loaded = {"app.js"}
    for name in scripts:
        text = (STATIC / name).read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 400, name
        loaded |= set(re.findall(r'^import .* from "\./([\w.]+)";$', text, re.M))
        assert text.count("import ") == len(re.findall(r'^import .* from "\./', text, re.M)), name
    assert loaded == set(scripts)
    assert all(page.asset(name) for name in loaded)


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

    scripts: list[dict[str, str | None]] = []

    class Scripts(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag == "script":
                scripts.append(dict(attrs))
            assert not [name for name, _ in attrs if name.startswith("on") or name == "style"]

    Scripts().feed(html)
    assert [attributes.get("type") for attributes in scripts] == ["application/json", "module"]
    assert "{{" not in html
    assert ">3 tài liệu</span>." in html
    assert page.asset("app.js")
    assert page.asset("../app.py") is None


# ---- exports --------------------------------------------------------------------------------


def test_a_conversation_is_written_with_what_the_documents_say(assistant: Assistant) -> None:
    text = assistant.document("parking.md").text
    sentence = "Staff may park in the yard behind the main building."
    start = text.index(sentence)
    end = start + len(sentence)
    place = KeptQuote(source="parking.md", start=start, end=end, hash=hash_of(sentence))
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
    assert f"> {sentence[:-1]}\\." in markdown
    assert f"parking\\.md:{start}\\-{end}" in markdown
    assert "\\<b\\>Who" in markdown
    assert markdown.count("has changed") == 1
    html = as_html(turns, Language.VIETNAMESE)
    assert f'<blockquote lang="en">{sentence}</blockquote>' in html
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
    assert [(len(read.quotes), read.lost) for read in read_turns(assistant, [turn])] == [(1, 1)]
    with pytest.raises(TooMuchError):
        read_turns(assistant, [replace(turn, quotes=(longest,) * 20)] * 13)


# ---- examples -------------------------------------------------------------------------------


@pytest.mark.model
def test_the_examples_of_the_seeds_are_answered(seeds: Assistant) -> None:
    examples = find_examples(seeds)
    assert len(examples) == 6
    assert all(seeds.ask(question).answerable for question in examples)
    assert {"vi", "en"} == {seeds.ask(question).query.language for question in examples}


def test_examples_of_other_documents_are_their_own(assistant: Assistant) -> None:
    assert not any("ASEM" in text or "WCO" in text for text in find_examples(assistant))
