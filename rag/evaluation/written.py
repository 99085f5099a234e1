"""Written sets: documents of all kinds, and questions on them, each in Vietnamese and English.

A set is a folder with `docs.jsonl` and `questions.jsonl`; several may stand beside each other, with
a `dev.txt` that names the documents that nothing is trained on. A document has "id" (letters,
digits, - and _), "lang", "title", "publisher", "date" and "text"; a question has "doc", "vi", "en",
"style", and "answer": a list of words of the document, several where it answers in several places,
none where it does not. Words that stand in the text more than once are told by the "sentence" that
they are in, and "near" is what seems to answer and does not.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from rag.errors import GoldError
from rag.evaluation.gold import GoldEvidence, GoldQuestion
from rag.ingest.structure.metadata import CATALOGUE
from rag.language.vietnamese import nfc

__all__ = [
    "WrittenConversation",
    "WrittenDocument",
    "WrittenQuestion",
    "WrittenSets",
    "as_gold",
    "conversations_as_gold",
    "read_written",
    "write_documents",
]

Span = tuple[int, int]

_DOCUMENTS, _QUESTIONS, _DEVELOPMENT = "docs.jsonl", "questions.jsonl", "dev.txt"
_CONVERSATIONS = "conversations.jsonl"
_LANGUAGES = ("vi", "en")
_IDENTIFIER = re.compile(r"[\w-]+")

_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenDocument:
    """A document; `text` is NFC."""

    identifier: str
    language: str
    title: str
    publisher: str
    date: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenQuestion:
    """A question in both languages.

    Attributes:
        document: The identifier of the document that it is asked of.
        texts: The question by its language, "vi" and "en".
        style: How it is asked: "plain", "chatty", "keyword" and so on.
        answers: Where the document answers, in characters; nothing if it does not.
        tempts: Where it seems to and does not; None if it answers or nothing tempts.
    """

    document: str
    texts: Mapping[str, str]
    style: str
    answers: tuple[Span, ...]
    tempts: Span | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenConversation:
    """Questions that go on from each other.

    Attributes:
        document: The identifier of the document that the last is asked of.
        turns: The questions, in order, two or more.
        language: Of the last: "vi", "en", "vi-nodiac" without diacritics, "mixed" if it is not
            that of the first.
        kind: How it goes on: "pronoun", "ellipsis", "correction", "change" and so on.
        answers: Where the document answers it, in characters; nothing if it does not.
    """

    document: str
    turns: tuple[str, ...]
    language: str
    kind: str
    answers: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenSets:
    """All documents, by identifier, and the questions on them.

    Attributes:
        development: The documents that nothing is trained on.
    """

    documents: Mapping[str, WrittenDocument]
    questions: tuple[WrittenQuestion, ...]
    conversations: tuple[WrittenConversation, ...]
    development: frozenset[str]

    def learnt_from(self) -> tuple[WrittenQuestion, ...]:
        """Return the questions that may be trained on."""
        return tuple(asked for asked in self.questions if asked.document not in self.development)

    def held_out(self) -> tuple[WrittenQuestion, ...]:
        """Return the questions that nothing is trained on."""
        return tuple(asked for asked in self.questions if asked.document in self.development)

    def held_out_conversations(self) -> tuple[WrittenConversation, ...]:
        """Return the conversations that nothing is trained on."""
        return tuple(asked for asked in self.conversations if asked.document in self.development)


def read_written(folder: Path) -> WrittenSets:
    """Read the written set of a folder, or all that are in folders within it.

    Raises:
        GoldError: If a file cannot be read, is not of this form, or words are not in their text.
    """
    paths = sorted([*folder.glob(_DOCUMENTS), *folder.glob(f"*/{_DOCUMENTS}")])
    documents: dict[str, WrittenDocument] = {}
    questions: list[WrittenQuestion] = []
    for path in paths:
        for document in _read(path, _document):
            if document.identifier in documents:
                raise GoldError("gold.same_document", path=path, name=document.identifier)
            documents[document.identifier] = document
    for path in paths:
        questions += _read(
            path.parent / _QUESTIONS,
            lambda value: _question(value, documents[value["doc"]].text),
        )
    conversations: list[WrittenConversation] = []
    for path in sorted([*folder.glob(_CONVERSATIONS), *folder.glob(f"*/{_CONVERSATIONS}")]):
        conversations += _read(
            path, lambda value: _conversation(value, documents[value["doc"]].text)
        )
    if not questions:
        raise GoldError("gold.no_questions", path=folder)
    held_out = folder / _DEVELOPMENT
    development = _lines(held_out) if held_out.is_file() else []
    return WrittenSets(
        documents=documents,
        questions=tuple(questions),
        conversations=tuple(conversations),
        development=frozenset(name.strip() for name in development),
    )


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise GoldError("gold.not_utf8", path=path, error=error) from error


def _read(path: Path, made: Callable[[Mapping[str, Any]], _Made]) -> list[_Made]:
    values = []
    for number, line in enumerate(_lines(path), start=1):
        if line.strip():
            try:
                values.append(made(json.loads(line)))
            except (ValueError, KeyError, TypeError) as error:
                raise GoldError(
                    "gold.set_not_understood",
                    path=path,
                    number=number,
                    name=type(error).__name__,
                    error=error,
                ) from error
    return values


def _document(value: Mapping[str, Any]) -> WrittenDocument:
    if not _IDENTIFIER.fullmatch(value["id"]):  # a file is called by it
        raise ValueError(f"{value['id']!r} is no id")
    return WrittenDocument(
        identifier=value["id"],
        language=value["lang"],
        title=nfc(value["title"]),
        publisher=nfc(value["publisher"]),
        date=value["date"],
        text=nfc(value["text"]),
    )


def _question(value: Mapping[str, Any], text: str) -> WrittenQuestion:
    sentence = nfc(value.get("sentence", ""))
    near = nfc(value.get("near", ""))
    return WrittenQuestion(
        document=value["doc"],
        texts={language: nfc(value[language]) for language in _LANGUAGES},
        style=value["style"],
        answers=_answers(value, text, sentence),
        tempts=_place(text, near, "") if near and not value["answer"] else None,
    )


def _conversation(value: Mapping[str, Any], text: str) -> WrittenConversation:
    turns = value["turns"]
    if not isinstance(turns, list) or len(turns) < 2:
        raise ValueError(f"{turns!r} is no list of two questions or more")
    return WrittenConversation(
        document=value["doc"],
        turns=tuple(map(nfc, turns)),
        language=value["lang"],
        kind=value["kind"],
        answers=_answers(value, text, ""),
    )


def _answers(value: Mapping[str, Any], text: str, sentence: str) -> tuple[Span, ...]:
    if not isinstance(value["answer"], list):
        raise TypeError(f"{value['answer']!r} is no list")
    return tuple(_place(text, nfc(words), sentence) for words in value["answer"])


def _place(text: str, words: str, sentence: str) -> Span:
    """Return where words stand, within a sentence if one is named.

    Raises:
        ValueError: If they do not stand in the text.
    """
    around = max(text.find(sentence), 0) if sentence else 0
    start = text.find(words, around)
    start = text.index(words) if start < 0 else start
    return start, start + len(words)


def write_documents(documents: Iterable[WrittenDocument], folder: Path) -> None:
    """Write documents as text files, with a catalogue of what is known of them."""
    entries = []
    for document in documents:
        name = _file_of(document.identifier)
        (folder / name).write_text(document.text, encoding="utf-8")
        entry = {
            "source": name,
            "title": document.title,
            "publisher": document.publisher,
            "date": document.date,
            "language": document.language,
        }
        # What JSON writes of a string is a string in TOML too.
        lines = (f"{key} = {json.dumps(value)}" for key, value in entry.items() if value)
        entries.append("\n".join(["[[document]]", *lines]))
    (folder / CATALOGUE).write_text("\n\n".join(entries) + "\n", encoding="utf-8")


def as_gold(
    questions: Iterable[WrittenQuestion], documents: Mapping[str, WrittenDocument]
) -> list[GoldQuestion]:
    """Return questions as they are asked of what `write_documents` wrote, in both languages."""
    return [
        GoldQuestion(
            identifier=f"{question.document}-{number}-{language}",
            question=question.texts[language],
            groups=(language, f"{language} {question.style}"),
            answerable=bool(question.answers),
            evidence=_evidence(documents[question.document], question.answers),
        )
        for number, question in enumerate(questions)
        for language in _LANGUAGES
    ]


def conversations_as_gold(
    conversations: Iterable[WrittenConversation], documents: Mapping[str, WrittenDocument]
) -> list[GoldQuestion]:
    """Return the last questions of conversations as they are asked of what was written."""
    return [
        GoldQuestion(
            identifier=f"{conversation.document}-conversation-{number}",
            question=conversation.turns[-1],
            groups=(
                "conversations",
                f"conversations {conversation.language}",
                f"conversations {conversation.kind}",
            ),
            answerable=bool(conversation.answers),
            evidence=_evidence(documents[conversation.document], conversation.answers),
            history=tuple({"question": turn} for turn in conversation.turns[:-1]),
        )
        for number, conversation in enumerate(conversations)
    ]


def _evidence(document: WrittenDocument, answers: Iterable[Span]) -> tuple[GoldEvidence, ...]:
    return tuple(
        GoldEvidence(
            source=_file_of(document.identifier), quote=document.text[start:end], start=start
        )
        for start, end in answers
    )


def _file_of(identifier: str) -> str:
    return f"{identifier}.txt"
