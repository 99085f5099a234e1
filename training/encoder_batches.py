"""What the encoder learns from: batches of questions, each with its text among the others'."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.domain.documents import Document, Passage
from rag.evaluation.written import WrittenQuestion, WrittenSets, read_written
from rag.ingest.structure.passages import context_of
from training.drawing import as_typed, drawn_window, near_sentences
from training.squad import (
    Question,
    Span,
    questions_of,
    read_parallel_lines,
    read_squad,
    read_squad_in_two,
    read_tatoeba,
    shuffled,
)
from training.written import documents_of

__all__ = ["Batch", "Material"]

LANGUAGES = ("vi", "en", "ar", "de", "el", "es", "hi", "ro", "ru", "th", "tr", "zh")

_SEED = 20261122
_HELD_OUT_ARTICLES = 6  # parallel ones, for choosing how is trained
_BATCH_SIZE = 24
_BACKGROUND_SENTENCES = 200  # sentences of news, those of rag/retrieve/language_centroids.py
_MIXTURE = {"written": 0.45, "two": 0.15, "twelve": 0.2, "sentences": 0.2}
_NEAR_QUESTIONS = 300
_SPARE_TEXTS = 10  # windows of a batch that answer none of its questions
_SHORTEST_WINDOW, _LONGEST_WINDOW = 280, 900  # characters
_LEAD_SHARE = 0.8  # how often a window stands under what the index puts above a passage
_LANGUAGES_OF: dict[str, tuple[Sequence[str], Sequence[float]]] = {
    "twelve": (LANGUAGES, (0.38, 0.38, *[0.024] * 10)),
    "two": (("vi", "en"), (0.5, 0.5)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Questions and their texts, each after its language; a text is wrong for the others.

    There may be more texts than questions; the last ones answer none.
    """

    questions: list[tuple[str, str]]
    texts: list[tuple[str, str]]
    leads: list[str]


class Material:
    """What is learnt from."""

    def __init__(self, folder: Path) -> None:
        articles = shuffled(read_squad(folder / "xquad_even.en.json", "en"), _SEED)
        held_out_ids = {question.id for question in questions_of(articles[:_HELD_OUT_ARTICLES])}
        by_id: dict[str, dict[str, Question]] = {}
        for language in LANGUAGES:
            path = folder / f"xquad_even.{language}.json"
            for question in questions_of(read_squad(path, language)):
                if question.id not in held_out_ids:
                    by_id.setdefault(question.id, {})[language] = question
        complete = [
            translations for translations in by_id.values() if len(translations) == len(LANGUAGES)
        ]
        self._parallel: dict[str, list[dict[str, Question]]] = {
            "twelve": complete,
            "two": [
                translations
                for translations in read_squad_in_two(folder / "squad2_vi_en.json")
                if len(translations) == 2 and translations["en"].answer
            ],
        }
        news = read_parallel_lines(folder / "ntrex.eng.txt", folder / "ntrex.vie.txt")
        self._sentences = [
            read_tatoeba(folder / "tatoeba_vie-eng.txt"),
            news[_BACKGROUND_SENTENCES:],
            [
                pair
                for pair in read_tatoeba(folder / "parallel_more.tsv")
                if len(pair[0].split()) >= 5
            ],
        ]
        self._sentence_weights = [0.25, 0.4, 0.35]
        self._near = [
            near_sentences([english for english, _ in source]) for source in self._sentences
        ]
        self._written = WrittenDrawer(read_written(folder / "written"))
        self.background = {
            "en": [english for english, _ in news[:_BACKGROUND_SENTENCES]],
            "vi": [vietnamese for _, vietnamese in news[:_BACKGROUND_SENTENCES]],
        }
        for language in LANGUAGES[2:]:
            texts = sorted({translations[language].passage.text for translations in complete})
            self.background[language] = texts[:_BATCH_SIZE]

    def draw(self, rng: random.Random) -> Batch:
        """Draw a batch of one kind; but for the written sets, its texts are in one language."""
        [kind] = rng.choices(list(_MIXTURE), list(_MIXTURE.values()))
        if kind == "written":
            return self._written.draw(rng)
        if kind == "sentences":
            return self._draw_sentences(rng)
        return self._draw_questions(kind, rng)

    def _draw_questions(self, kind: str, rng: random.Random) -> Batch:
        languages, weights = _LANGUAGES_OF[kind]
        [passage_language] = rng.choices(languages, weights)
        parallel = self._parallel[kind]
        begin = rng.randrange(len(parallel))
        chosen: dict[str, dict[str, Question]] = {}
        while len(chosen) < _BATCH_SIZE:
            # Half are of neighbouring passages, which are of the same article.
            near = len(chosen) < _BATCH_SIZE // 2
            at = begin + rng.randrange(_NEAR_QUESTIONS) if near else rng.randrange(len(parallel))
            translations = parallel[at % len(parallel)]
            chosen.setdefault(translations["en"].passage.text, translations)
        pairs = []
        for translations in chosen.values():
            [question_language] = rng.choices(languages, weights)
            pairs.append((translations[question_language], translations[passage_language]))
        return _as_batch(pairs, rng)

    def _draw_sentences(self, rng: random.Random) -> Batch:
        [set_index] = rng.choices(range(len(self._sentences)), self._sentence_weights)
        source, near = self._sentences[set_index], self._near[set_index]
        question_side, text_side = rng.choice([(0, 1), (1, 0)])
        languages = ("en", "vi")
        chosen: list[int] = []
        while len(chosen) < _BATCH_SIZE:
            seed = rng.randrange(len(source))
            for i in [seed, *rng.sample(near[seed], 3)]:
                if len(source[i][0].split()) >= 4 and not any(
                    source[i][side].lower() == source[j][side].lower()
                    for j in chosen
                    for side in (0, 1)
                ):
                    chosen.append(i)
        questions, texts = [], []
        for i in chosen[:_BATCH_SIZE]:
            words = source[i][question_side].split()
            if len(words) > 6:
                size = rng.randint(min(16, max(4, len(words) // 3)), min(len(words), 16))
                at = rng.randrange(len(words) - size + 1)
                words = words[at : at + size]
            language = languages[question_side]
            questions.append((language, as_typed(" ".join(words), language, rng)))
            text = source[i][text_side]
            if set_index == 1 and rng.random() < 0.5:  # news goes on from sentence to sentence
                text = " ".join(pair[text_side] for pair in source[max(0, i - 1) : i + 2])
            texts.append((languages[text_side], text))
        return Batch(questions=questions, texts=texts, leads=[""] * len(texts))


class WrittenDrawer:
    """Draws questions of documents that are near each other, with the windows around.

    Args:
        written: The sets; what is held out is not drawn from.
    """

    def __init__(self, written: WrittenSets) -> None:
        self._documents = {
            source: document
            for source, document in documents_of(written).items()
            if source not in written.development
        }
        self._questions: dict[str, list[WrittenQuestion]] = {}
        for question in written.learnt_from():
            if question.answers:
                self._questions.setdefault(question.document, []).append(question)
        self._sources = sorted(self._questions)
        self._near = near_sentences(
            [
                f"{self._documents[source].metadata.title} {self._documents[source].text}"
                for source in self._sources
            ],
            keep=12,
        )

    def draw(self, rng: random.Random) -> Batch:
        """Draw about half of the documents from the neighbours of one."""
        first = rng.randrange(len(self._sources))
        near = [first, *rng.sample(self._near[first], 5)]
        others = rng.sample(range(len(self._sources)), 5)
        sources = [self._sources[i] for i in dict.fromkeys([*near, *others])]
        questions: list[tuple[str, str]] = []
        answering: list[tuple[str, str, str]] = []
        spare: list[tuple[str, str, str]] = []
        for source in sources:
            document = self._documents[source]
            windows = _windows(document, rng)
            free = dict.fromkeys(windows)
            asked = self._questions[source]
            for question in rng.sample(asked, len(asked)):
                start, _ = question.answers[0]
                window = next((span for span in windows if span[0] <= start < span[1]), None)
                if window in free and len(questions) < _BATCH_SIZE:
                    del free[window]
                    language = rng.choice(["vi", "en"])
                    questions.append((language, as_typed(question.texts[language], language, rng)))
                    answering.append(_shown(document, window, rng))
            spare += [_shown(document, window, rng) for window in free]
        texts = answering + rng.sample(spare, min(len(spare), _SPARE_TEXTS))
        return Batch(
            questions=questions,
            texts=[(language, text) for language, _, text in texts],
            leads=[lead for _, lead, _ in texts],
        )


def _windows(document: Document, rng: random.Random) -> list[Span]:
    """Return the document in windows of whole sentences, of a length drawn at random."""
    length = rng.uniform(_SHORTEST_WINDOW, _LONGEST_WINDOW)
    windows: list[Span] = []
    for sentence in document.sentences:
        if windows and sentence.end - windows[-1][0] <= length:
            windows[-1] = (windows[-1][0], sentence.end)
        else:
            windows.append((sentence.start, sentence.end))
    return windows


def _shown(document: Document, window: Span, rng: random.Random) -> tuple[str, str, str]:
    """Return the language of a window, what is put before it, and its words."""
    start, end = window
    passage = Passage(source=document.source, start=start, end=end)
    lead = context_of(document, passage) if rng.random() < _LEAD_SHARE else ""
    return document.language.value, lead, document.text[start:end]


def _as_batch(pairs: Sequence[tuple[Question, Question]], rng: random.Random) -> Batch:
    """Return questions, each with a window of its passage, sometimes under the title.

    Args:
        pairs: Each question as it is asked, and the same in the language of the passage.
        rng: What is drawn from.
    """
    questions, texts, leads = [], [], []
    for question, parallel in pairs:
        language = question.passage.language
        questions.append((language, as_typed(question.text, language, rng)))
        start, end = drawn_window(parallel.passage.text, parallel.answer, rng)
        texts.append((parallel.passage.language, parallel.passage.text[start:end]))
        leads.append(parallel.passage.title if rng.random() < 0.3 else "")
    return Batch(questions=questions, texts=texts, leads=leads)
