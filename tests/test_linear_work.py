"""Nothing that is done with a question or a document takes time that grows worse than its length."""

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import pytest

from rag.domain.documents import Document, Language, Passage, readable_text
from rag.domain.hits import Hit, Retrieved
from rag.domain.query import AnswerType
from rag.domain.quote import Quote
from rag.errors import QuestionError
from rag.ingest.structure.document import make_document
from rag.ingest.structure.passages import context_of, divide
from rag.language.abbreviations import find_abbreviations
from rag.language.diacritics import DiacriticRestorer
from rag.language.glossary import Glossary, phrases_of
from rag.language.identify import guess_language
from rag.language.syllables import SyllableModel, count_syllables
from rag.language.years import year_of, years_in
from rag.law.reference import find_reference
from rag.law.register import number_key
from rag.law.titles import title_key
from rag.read.cues.answer_types import satisfies
from rag.read.cues.definitions import defines
from rag.read.cues.verb_marks import asserted_phrases
from rag.read.quoting import quote_lists_whole
from rag.read.sentence_candidates import find_candidates, quote_of
from rag.retrieve.fts5_index import _terms
from rag.service.assistant import Assistant
from rag.testing.hash_embedder import HashEmbedder
from rag.understand.analyse import MAX_QUESTION, Analyser
from rag.understand.answer_type import expected_type
from rag.understand.as_of import asked_time
from rag.understand.definition import defined_term
from rag.understand.follow_up import understand
from rag.understand.follow_up_model import FollowUpModel
from tests.clock import LIMIT, SIZES, seconds, slowest
from tests.hostile import DOCUMENTS, UNITS, WORDS, Hostile
from ui.export import KeptTurn, Turn, as_markdown
from ui.render import render_document

_CORPUS = [
    "Tổng cục Hải quan (TCHQ) ban hành kế hoạch. Tổ chức Hải quan thế giới (WCO) họp. WCO chọn chủ "
    "đề. Hội nghị ASEM 13 thông qua Tuyên bố Hạ Long."
]
_QUESTION_SIZES = (500, 2_000, 8_000)  # characters; a question has at most 2,000
_DOCUMENT_SIZES = (5_000, 20_000)
_GROWTH = 8  # between 4, how much longer a text is tried, and its square
_SLACK = 0.15  # seconds, for what a busy machine adds


@pytest.fixture
def analyser(tmp_path: Path) -> Iterator[Analyser]:
    count_syllables(_CORPUS).write(tmp_path / "syllables.sqlite")
    learnt = [f"{short} = {long}" for short, long in find_abbreviations(_CORPUS).items()]
    with closing(SyllableModel(tmp_path / "syllables.sqlite")) as model:
        ready = Analyser(model, Glossary.with_lines(learnt))
        ready.analyse("hai quan la gi")  # what is read from files is read by now
        ready.analyse("what is teh theme")
        yield ready


def _questions() -> Iterator[str]:
    for unit in (*UNITS, *WORDS):
        yield (unit * MAX_QUESTION)[:MAX_QUESTION]


def test_questions_are_understood(analyser: Analyser) -> None:
    likeliest = FollowUpModel.load().likeliest

    def understood(question: str) -> None:
        with suppress(QuestionError):
            understand(question, [question] * 10, analyser, likeliest)

    spent = {question[:20]: seconds(understood, question) for question in _questions()}
    assert {
        question: seconds_spent
        for question, seconds_spent in spent.items()
        if seconds_spent > LIMIT
    } == {}


@pytest.mark.parametrize("unit", ["x", "à", "a ", "1 a ", "asem 12 ", "Việt-Nhật ", "xyzzz ", "(a"])
def test_questions_are_answered(assistant: Assistant, unit: str) -> None:
    def answered(question: str) -> None:
        assistant.ask(question, [{"question": question}] * 10)

    assistant.ask("Đơn xin nghỉ nộp cho ai?")
    assert seconds(answered, (unit * MAX_QUESTION)[:MAX_QUESTION]) < LIMIT


def test_what_is_asked_is_recognised(analyser: Analyser) -> None:
    glossary = analyser._glossary
    works: dict[str, Callable[[str], object]] = {
        "abbreviations": lambda text: find_abbreviations([text]),
        "terms": lambda text: glossary.terms(text, Language.ENGLISH, Language.VIETNAMESE),
        "phrases": phrases_of.__wrapped__,
        "time": asked_time,
        "years": years_in,
        "address": find_reference,
        "definition": defined_term,
        "defines": lambda text: defines(text[:40], text),
        "told": lambda text: asserted_phrases(text, Language.VIETNAMESE),
        "kind": lambda text: [satisfies(text, wanted) for wanted in AnswerType],
        "expected": lambda text: [expected_type(text, language) for language in Language],
        "language": guess_language,
        "title": title_key,
        "number": number_key,
        "words": lambda text: [_terms(text), _terms(text, folded=True)],
    }
    of_questions: dict[str, Callable[[str], object]] = {
        "names": analyser.names,
        "diacritics": DiacriticRestorer(analyser._model).restore,
        "expanded": lambda text: glossary.expand(text, analyser._model.in_corpus),
    }
    texts = [Hostile("", unit, " là gì?") for unit in (*UNITS, *WORDS)]
    told = [
        f"{name}: {told_slow}"
        for some, sizes in ((works, SIZES), (of_questions, _QUESTION_SIZES))
        for name, work in some.items()
        for text in texts
        if (told_slow := slowest(work, text, sizes))
    ]
    assert not told, "\n".join(told)


@pytest.mark.parametrize("text", DOCUMENTS, ids=str)
def test_documents(text: Hostile) -> None:
    worse = _worse(text)
    if worse:  # perhaps the machine was busy
        worse &= _worse(text)
    assert not worse, "these take more than proportionately longer for four times the text"


def _worse(text: Hostile) -> set[str]:
    """Return what grows faster than a document."""
    before, after = (dict(_handled(text.of(size))) for size in _DOCUMENT_SIZES)
    return {
        name
        for name, seconds_spent in after.items()
        if seconds_spent > _GROWTH * before[name] + _SLACK
    }


def _handled(text: str) -> Iterator[tuple[str, float]]:
    """Read a document, divide it, read its sentences, show and export it; yield what that takes."""
    embedder = HashEmbedder()
    made: list[Document] = []
    yield (
        "reading",
        seconds(lambda hostile_text: made.append(make_document("a.md", hostile_text)), text),
    )
    document = made[0]
    divided: list[Passage] = []

    def divide_it(_: str) -> None:
        divided.extend(divide(document, max_tokens=64, count_tokens=embedder.count_tokens))

    yield "dividing", seconds(divide_it, text)
    yield (
        "contexts",
        seconds(lambda _: [context_of(document, passage) for passage in divided], text),
    )

    def read_them(_: str) -> None:
        for passage in divided:
            readable_text(document, passage.start, passage.end)

    yield "readable", seconds(read_them, text)
    hits = tuple(map(_hit, divided))
    retrieved = Retrieved(hits=hits, query_tokens=np.ones((2, 2), dtype=np.float32))
    quotes: list[Quote] = []

    def quote_it(_: str) -> None:
        candidates = list(find_candidates(retrieved, lambda _: document))
        quotes.extend(
            quote_lists_whole([quote_of(candidate, 0.5, None) for candidate in candidates])
        )

    yield "quoting", seconds(quote_it, text)
    yield "year", seconds(lambda _: year_of(document), text)
    yield "showing", seconds(lambda _: render_document(document, Language.ENGLISH), text)
    turn = Turn(kept=KeptTurn(question="?", quotes=()), quotes=tuple(quotes), lost=0)
    yield "exporting", seconds(lambda _: as_markdown([turn], Language.VIETNAMESE), text)


def _hit(passage: Passage) -> Hit:
    spans = np.array([(passage.start, passage.end)], dtype=np.int32)
    tokens = np.ones((1, 2), dtype=np.float32)
    return Hit(passage=passage, score=1.0, maxsim=1.0, bm25=1.0, tokens=tokens, spans=spans)
