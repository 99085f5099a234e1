"""The word lists: each can be read, and what is wrong with one names the file."""

import re
import unicodedata
from importlib import resources
from pathlib import Path

import pytest

from rag.language.lexicon import LEXICON, Lexicon, any_of
from rag.law.lexicon import LAW_LEXICON

FILES = [
    (package, path.name)
    for package in ("rag.language.lexicon", "rag.law.lexicon")
    for path in sorted(Path(str(resources.files(package))).iterdir())
    if path.suffix in (".txt", ".toml")
]


@pytest.fixture
def lexicon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lexicon:
    """A lexicon in a folder of its own."""
    package = tmp_path / f"lexicon_{tmp_path.name}"
    package.mkdir()
    (package / "__init__.py").touch()
    for name, text in {
        "good.txt": "# Words.\nhai  ba # two\n\nbốn\n",
        "twice.txt": "hai\nba hai\n",
        "empty.txt": "# nothing\n",
        "broken.toml": "a = ",
    }.items():
        (package / name).write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    return Lexicon(package.name)


@pytest.mark.parametrize(("package", "name"), FILES)
def test_every_list_can_be_read(package: str, name: str) -> None:
    text = (resources.files(package) / name).read_text(encoding="utf-8")
    assert text.startswith("# "), "it says what its words are for"
    assert text == unicodedata.normalize("NFC", text)
    lexicon: Lexicon = LEXICON if package.startswith("rag.language") else LAW_LEXICON
    stem, _, form = name.rpartition(".")
    if form == "toml":
        assert lexicon.table(stem)
    else:
        assert lexicon.words(stem) if "divided by spaces" in text else lexicon.phrases(stem)


def test_every_list_is_read_by_some_module() -> None:
    root = Path(str(resources.files("rag")))
    code = "".join(path.read_text(encoding="utf-8") for path in root.rglob("*.py"))
    for _, name in FILES:
        assert re.search(rf"[\"']{re.escape(name.rpartition('.')[0])}[\"']", code), name


def test_words_phrases_and_comments(lexicon: Lexicon) -> None:
    assert lexicon.words("good") == {"hai", "ba", "bốn"}
    assert lexicon.phrases("good") == ("hai ba", "bốn")
    assert lexicon.phrases("twice", "good") == ("hai", "ba hai", "hai ba", "bốn")


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("twice", r"twice\.txt has 'hai' twice"),
        ("empty", r"empty\.txt has no words"),
        ("missing", r"missing\.txt cannot be read"),
    ],
)
def test_what_is_wrong_names_the_file(lexicon: Lexicon, name: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        lexicon.words(name)


@pytest.mark.parametrize("name", ["broken", "missing"])
def test_what_is_wrong_with_a_table_names_the_file(lexicon: Lexicon, name: str) -> None:
    with pytest.raises(ValueError, match=rf"{name}\.toml cannot be read"):
        lexicon.table(name)


def test_the_longest_alternative_is_read_and_none_is_an_expression() -> None:
    alternatives = re.compile(any_of(["Thông tư", "Thông tư liên tịch", "art."], space=r"\s+"))
    assert [match[0] for match in alternatives.finditer("Thông  tư liên tịch, artx, art.")] == [
        "Thông  tư liên tịch",
        "art.",
    ]
