"""What the reading model learns from: a question, and the windows that are read for it together.

Windows are cut around sentences (`training.windows`). Some answer; the
others are their neighbours, what tempts, and what shares most words with the question. Everything
is drawn from a random generator that the caller seeds, so that a training can be taken up again.
"""

import random
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from rag.domain.documents import Document, Sentence, readable_text
from rag.evaluation.written import WrittenQuestion, WrittenSets
from rag.ingest.structure.document import make_document
from rag.ingest.structure.metadata import Entry
from rag.language.vietnamese import fold
from training.drawing import as_typed
from training.squad import Passage, Question, Span
from training.windows import lead_of, window_in_article
from training.written import Regulations, documents_of

__all__ = ["Group", "GroupMaker", "QuestionSet", "Window", "squad_set", "written_set"]

_SHORTEST_LIMIT, _LONGEST_LIMIT = 240, 520  # characters; what is asked for when reading is between
_LEAD_SHARE = 0.85
_TWIN_SHARE = 0.5  # of questions in two languages that are asked in both
_MISSED_SHARE = 0.12  # of answered questions whose answer is not among the windows
_KEPT_HARD = 10  # windows a question that share most of its words
_NEIGHBOURS = 4  # articles beside one that are read too
_REACH = 2  # sentences from the one that answers to the one that a window is around


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What is read beside a question.

    Attributes:
        spans: Where it answers, in characters of its text; nothing if it does not.
        sentences: Where its sentences stand.
    """

    lead: str
    text: str
    spans: tuple[Span, ...]
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A question, as it is asked in one language or in both, and its windows."""

    questions: tuple[str, ...]
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A question of a set.

    Attributes:
        texts: By its language.
        document: In which it is answered, by its position in the set.
        answers: Where, in characters.
        tempts: Where the document seems to answer and does not.
    """

    texts: Mapping[str, str]
    document: int
    answers: tuple[Span, ...]
    tempts: Span | None


class QuestionSet:
    """Questions over documents, with the windows that share most words with each.

    Args:
        documents: The documents; one that is a neighbour only has no questions.
        asked: The questions.
        near: Of each document, the positions of those that stand beside it.
        families: Of each document, a number that those have in common which say the same.
    """

    def __init__(
        self,
        documents: Sequence[Document],
        asked: Sequence[_Asked],
        near: Mapping[int, Sequence[int]],
        families: Sequence[int],
    ) -> None:
        self.asked = asked
        self._documents = documents
        self._near = near
        self._hard = _hard_windows(documents, asked, families)

    def draw(self, rng: random.Random, windows: int) -> Group:
        """Draw a question and its windows."""
        return self.group(rng.randrange(len(self.asked)), rng, windows)

    def group(
        self, position: int, rng: random.Random, windows: int, *, twins: bool = False
    ) -> Group:
        """Return a question with windows drawn at random.

        Args:
            position: Of the question in the set.
            rng: What is drawn from.
            windows: How many.
            twins: Whether it is surely asked in all its languages.
        """
        asked = self.asked[position]
        limit = rng.randint(_SHORTEST_LIMIT, _LONGEST_LIMIT)
        places: list[tuple[int, Span]] = []
        document = self._documents[asked.document]
        told = asked.answers or ((asked.tempts,) if asked.tempts else ())
        if told and not (asked.answers and rng.random() < _MISSED_SHARE):
            around = _around(document, rng.choice(told), rng, limit)
            places.append((asked.document, around))
        elif not asked.answers:
            places.append((asked.document, _anywhere(document, rng, limit)))
        others = [(asked.document, _anywhere(document, rng, limit)) for _ in range(2)]
        beside = self._near.get(asked.document, ())
        others += [
            (at, _anywhere(self._documents[at], rng, limit))
            for at in rng.sample(list(beside), min(len(beside), 2))
        ]
        hard = self._hard[position]
        for at, sentence in rng.sample(hard, len(hard)):
            source = self._documents[at]
            others.append((at, window_in_article(source, source.sentences[sentence], limit)))
        for at, span in others:
            if len(places) == windows:
                break
            if not any(at == chosen and _overlap(span, place) for chosen, place in places) and not (
                _has_answer(asked, at, span)
            ):
                places.append((at, span))
        rng.shuffle(places)
        languages = list(asked.texts)
        chosen = languages if twins or rng.random() < _TWIN_SHARE else [rng.choice(languages)]
        return Group(
            questions=tuple(as_typed(asked.texts[language], language, rng) for language in chosen),
            windows=tuple(
                self._window(at, span, asked, rng.random() < _LEAD_SHARE) for at, span in places
            ),
        )

    def _window(self, at: int, span: Span, asked: _Asked, with_lead: bool) -> Window:
        document = self._documents[at]
        start, end = span
        answers = asked.answers if at == asked.document else ()
        return Window(
            lead=lead_of(document, start) if with_lead else "",
            text=readable_text(document, start, end),
            spans=tuple(
                (max(low, start) - start, min(high, end) - start)
                for low, high in answers
                if low < end and high > start
            ),
            sentences=tuple(
                (max(sentence.start, start) - start, min(sentence.end, end) - start)
                for sentence in document.sentences
                if sentence.start < end and sentence.end > start
            ),
        )


def _has_answer(asked: _Asked, at: int, span: Span) -> bool:
    return at == asked.document and any(_overlap(span, answer) for answer in asked.answers)


def _overlap(first: Span, second: Span) -> bool:
    return first[0] < second[1] and second[0] < first[1]


def _around(document: Document, told: Span, rng: random.Random, limit: int) -> Span:
    """Return a window in which a span is, around it or around a sentence near it."""
    sentences = document.sentences
    first = bisect_left(sentences, told[0] + 1, key=lambda sentence: sentence.end)
    first = min(first, len(sentences) - 1)
    near = min(max(first + rng.randint(-_REACH, _REACH), 0), len(sentences) - 1)
    window = window_in_article(document, sentences[near], limit)
    if window[0] <= told[0] and told[1] <= window[1]:
        return window
    window = window_in_article(document, sentences[first], limit)
    return min(window[0], told[0]), max(window[1], min(told[1], window[0] + 2 * limit))


def _anywhere(document: Document, rng: random.Random, limit: int) -> Span:
    return window_in_article(document, rng.choice(document.sentences), limit)


def _hard_windows(
    documents: Sequence[Document], asked: Sequence[_Asked], families: Sequence[int]
) -> list[list[tuple[int, int]]]:
    """Return of each question the windows of other documents that share most of its words.

    A window is named by its document and the sentence that it is around.
    """
    places: list[tuple[int, int]] = []
    texts: list[str] = []
    for at, document in enumerate(documents):
        covered = 0
        for position, sentence in enumerate(document.sentences):
            if sentence.end <= covered:
                continue
            start, end = window_in_article(document, sentence)
            covered = end
            places.append((at, position))
            texts.append(f"{document.metadata.title} {document.text[start:end]}".lower())
    vectorizer = TfidfVectorizer(
        sublinear_tf=True, ngram_range=(1, 2), min_df=2, max_df=0.2, dtype=np.float32
    )
    matrix = vectorizer.fit_transform(texts).T.tocsr()
    folded = [fold(text) for text in texts]
    hard = []
    for begin in range(0, len(asked), 256):
        batch = asked[begin : begin + 256]
        # The Vietnamese question finds what the English one must be told from, too.
        questions = [" ".join(question.texts.values()).lower() for question in batch]
        scores = (vectorizer.transform(questions) @ matrix).toarray()
        for question, row in zip(batch, scores, strict=True):
            text = documents[question.document].text
            answers = [fold(text[start:end].lower()) for start, end in question.answers]
            order = np.argpartition(-row, 4 * _KEPT_HARD)[: 4 * _KEPT_HARD]
            kept = [
                places[i]
                for i in order[np.argsort(-row[order])]
                if families[places[i][0]] != families[question.document]
                and not any(answer in folded[i] for answer in answers)
            ]
            hard.append(kept[:_KEPT_HARD])
    return hard


def written_set(
    written: WrittenSets, questions: Sequence[WrittenQuestion], regulations: Regulations | None
) -> QuestionSet:
    """Return questions of the written sets, with the articles beside theirs.

    Args:
        written: The sets.
        questions: Those of them that are asked.
        regulations: Where the articles come from.
    """
    sources = sorted({question.document for question in questions})
    known = documents_of(written)
    documents = [known[source] for source in sources]
    near: dict[int, Sequence[int]] = {}
    for position, source in enumerate(sources):
        if regulations and source.startswith("law"):
            beside = regulations.neighbours(known[source], _NEIGHBOURS)
            near[position] = range(len(documents), len(documents) + len(beside))
            documents += beside
    places = {source: position for position, source in enumerate(sources)}
    asked = [
        _Asked(
            texts=question.texts,
            document=places[question.document],
            answers=question.answers,
            tempts=question.tempts,
        )
        for question in questions
    ]
    return QuestionSet(documents, asked, near, range(len(documents)))


def squad_set(questions: Sequence[Mapping[str, Question]]) -> QuestionSet:
    """Return parallel questions over passages, each asked over its passage in one language.

    Args:
        questions: By language; a question is asked over its passage in each of the languages.
    """
    documents: list[Document] = []
    places: dict[tuple[str, str], int] = {}
    families: list[int] = []
    asked = []
    for parallel in questions:
        translated = [places[key] for key in map(_key_of, parallel.values()) if key in places]
        family = families[translated[0]] if translated else len(families)
        for language in ("vi", "en"):
            if language not in parallel:
                continue
            own = parallel[language]
            key = _key_of(own)
            if key not in places:
                places[key] = len(documents)
                documents.append(_as_document(own.passage, len(documents)))
                families.append(family)
            asked.append(
                _Asked(
                    texts={other: question.text for other, question in parallel.items()},
                    document=places[key],
                    answers=(own.answer,) if own.answer else (),
                    tempts=None,
                )
            )
    return QuestionSet(documents, asked, {}, families)


def _key_of(question: Question) -> tuple[str, str]:
    return question.passage.language, question.passage.text


def _as_document(passage: Passage, number: int) -> Document:
    document = make_document(
        f"{passage.language}{number}",
        passage.text,
        Entry(title=passage.title, language=passage.language),
    )
    if document.text == passage.text and document.sentences:
        return document
    whole = (Sentence(start=0, end=len(passage.text)),)
    return Document(
        source=document.source,
        text=passage.text,
        metadata=document.metadata,
        language=document.language,
        blocks=document.blocks,
        sentences=whole,
    )


class GroupMaker:
    """Draws from several sets.

    Args:
        sets: By name.
        weights: How often each is drawn from.
        windows: How many windows a question of each has.
    """

    def __init__(
        self,
        sets: Mapping[str, QuestionSet],
        weights: Mapping[str, float],
        windows: Mapping[str, int],
    ) -> None:
        self._sets = sets
        self._weights = weights
        self._windows = windows

    def draw(self, rng: random.Random) -> Group:
        """Draw a group."""
        [name] = rng.choices(list(self._weights), list(self._weights.values()))
        return self._sets[name].draw(rng, self._windows[name])
