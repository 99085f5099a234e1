"""What the reader learns from: a question beside a passage that answers it and one that does not.

Everything is drawn from a random generator that the caller seeds, so a training can be repeated
and taken up again at any step.
"""

import itertools
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from rag.ingest.structure.sentences import find_sentences
from rag.language.vietnamese import fold
from training.lexicon import Lexicon
from training.squad import Passage, Question, Span

__all__ = [
    "Example",
    "ExampleMaker",
    "Pair",
    "ParallelSentences",
    "as_typed",
    "near_sentences",
    "window_around",
]

_SHORTEST_WINDOW, _LONGEST_WINDOW = 280, 800  # characters
_LEAD_SHARE = 0.5  # how often the title or the first sentence is put before a window
_ENTITY = re.compile(r"(?<=[\w,] )(?:[^\W\d_a-z]\w+)(?: [^\W\d_a-z]\w+)*")
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W_]+")
_ENGLISH_FUNCTION_WORDS = frozenset(
    "a an are be did do does for had has have how in is it of on that the there to was were what "
    "when where which who whom whose why with by at from".split()
)
_QUESTION_WORDS = {
    "en": ["what", "who", "which", "where", "when", "how many", ""],
    "vi": ["gì", "ai", "nào", "đâu", "khi nào", "bao nhiêu", ""],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A question beside a passage.

    Attributes:
        lead: What says what the passage is about; nothing is quoted from it.
        span: Where the answer is: an exact span, or a whole sentence somewhere in which it is;
            None if the passage does not answer.
        exact: Whether the span is exact.
    """

    question: str
    lead: str
    text: str
    span: Span | None
    exact: bool = True


Pair = tuple[Example, Example]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParallelSentences:
    """The same sentences in two languages, in the order of their documents."""

    sentences: Mapping[str, Sequence[str]]  # by language
    consecutive: bool  # whether neighbours belong together


class ExampleMaker:
    """Draws pairs of an answering and a not answering passage.

    Args:
        questions: Questions, answered or not, of any set and language.
        parallel_questions: By id, then by language: the same question and passage.
        sentences: Parallel sentences.
        to_vietnamese: Translations of English words, for mixed-language questions.
    """

    def __init__(
        self,
        *,
        questions: Mapping[str, Sequence[Question]],
        parallel_questions: Mapping[str, Mapping[str, Question]],
        sentences: Sequence[ParallelSentences],
        to_vietnamese: Lexicon,
    ) -> None:
        self._answered = {
            name: [question for question in questions_of_set if question.answer]
            for name, questions_of_set in questions.items()
        }
        self._unanswered: dict[int, list[Question]] = {}
        for question in itertools.chain.from_iterable(questions.values()):
            if not question.answer:
                self._unanswered.setdefault(id(question.passage), []).append(question)
        self._parallel = list(parallel_questions.values())
        self._sentences = sentences
        self._lexicon = to_vietnamese
        self._hard = {
            name: _hard_negatives(answered) for name, answered in self._answered.items() if answered
        }
        english = [translations["en"] for translations in self._parallel]
        self._hard_parallel = _hard_negatives(english) if english else []
        self._near_sentences = [near_sentences(source.sentences["en"]) for source in sentences]
        all_answered = itertools.chain.from_iterable(self._answered.values())
        self._entities = {
            language: sorted(
                {name for question in group for name in _ENTITY.findall(question.text)}
            )
            for language, group in itertools.groupby(
                sorted(all_answered, key=_passage_language), key=_passage_language
            )
        }

    def monolingual(self, name: str, rng: random.Random) -> Pair:
        """Draw from a set; English words are now and then replaced by Vietnamese ones."""
        position = rng.randrange(len(self._answered[name]))
        question = self._answered[name][position]
        other = self._answered[name][rng.choice(self._hard[name][position])].passage
        pair = self._pair(question.text, question.passage, question.answer, other, rng)
        if question.passage.language == "en" and rng.random() < 0.35:
            pair = self._switched(pair, rng)
        return pair

    def crossing(
        self, languages: Sequence[str], weights: Sequence[float], rng: random.Random
    ) -> Pair:
        """Draw a question in one language and its passage in another, or the same."""
        position = rng.randrange(len(self._parallel))
        question_language, passage_language = rng.choices(languages, weights, k=2)
        question = self._parallel[position][question_language]
        parallel = self._parallel[position][passage_language]
        hard = rng.choice(self._hard_parallel[position])
        other = self._parallel[hard][passage_language].passage
        return self._pair(
            question.text,
            parallel.passage,
            parallel.answer,
            other,
            rng,
            language=question.passage.language,
        )

    def sentence_finding(self, rng: random.Random) -> Pair:
        """Draw a sentence with a gap, to be found in the other language among its like."""
        set_index = rng.randrange(len(self._sentences))
        source = self._sentences[set_index]
        count = len(source.sentences["en"])
        question_language, text_language = rng.choice([("en", "vi"), ("vi", "en"), ("vi", "vi")])
        while True:
            position = rng.randrange(count)
            if len(source.sentences["en"][position].split()) >= 6:
                break
        if source.consecutive:
            before, after = rng.randint(0, 3), rng.randint(1, 3)
            around = [
                i
                for i in range(max(0, position - before), min(count, position + after + 1))
                if i != position
            ]
        else:
            near = self._near_sentences[set_index][position]
            around = rng.sample(near, min(len(near), rng.randint(3, 6)))
        slot = rng.randint(0, len(around))
        chosen = [*around[:slot], position, *around[slot:]]
        if source.consecutive:
            chosen.sort()
        text, spans = _joined([source.sentences[text_language][i] for i in chosen])
        question = _with_gap(source.sentences[question_language][position], question_language, rng)
        positive = Example(
            question=question, lead="", text=text, span=spans[chosen.index(position)], exact=False
        )
        without, _ = _joined([source.sentences[text_language][i] for i in chosen if i != position])
        return positive, Example(question=question, lead="", text=without, span=None)

    def _pair(
        self,
        question: str,
        passage: Passage,
        answer: Span | None,
        other: Passage,
        rng: random.Random,
        *,
        language: str | None = None,
    ) -> Pair:
        assert answer is not None
        language = language or passage.language
        asked = as_typed(question, language, rng)
        window = window_around(passage.text, answer, rng)
        positive = _example(asked, passage, window, answer, rng)
        draw = rng.random()
        unanswered = self._unanswered.get(id(passage))
        if unanswered and draw < 0.7:
            return positive, _example(rng.choice(unanswered).text, passage, window, None, rng)
        if draw < 0.12 and (changed := self._changed(question, language, passage.text, rng)):
            return positive, _example(as_typed(changed, language, rng), passage, window, None, rng)
        if draw < 0.5 and (left := _without_answer(passage, window, answer)):
            return positive, Example(question=asked, lead=positive.lead, text=left, span=None)
        return positive, _example(asked, other, window_around(other.text, None, rng), None, rng)

    def _changed(self, question: str, language: str, text: str, rng: random.Random) -> str | None:
        """Return the question with a number or a name that the passage does not have."""
        numbers = list(_NUMBER.finditer(question))
        names = list(_ENTITY.finditer(question))
        if numbers and (not names or rng.random() < 0.5):
            replaced = rng.choice(numbers)
            changed = str(
                max(1, int(replaced.group()) + rng.choice([-11, -3, -2, -1, 1, 2, 4, 10]))
            )
        elif names and self._entities.get(language):
            replaced = rng.choice(names)
            changed = rng.choice(self._entities[language])
        else:
            return None
        if changed in text or fold(changed) in fold(replaced.group()):
            return None
        return question[: replaced.start()] + changed + question[replaced.end() :]

    def _switched(self, pair: Pair, rng: random.Random) -> Pair:
        """Replace English words by Vietnamese ones, in the question or in both passages."""
        rate = rng.choice([0.5, 0.8, 1.0])
        if rng.random() < 0.5:
            seed = rng.random()
            return tuple(  # type: ignore[return-value]
                Example(
                    question=self._switch(example.question, rate, random.Random(seed))[0],
                    lead=example.lead,
                    text=example.text,
                    span=example.span,
                )
                for example in pair
            )
        switched = []
        for example in pair:
            text, moved_span = self._switch(example.text, rate, rng, example.span)
            lead, _ = self._switch(example.lead, rate, rng)
            switched.append(
                Example(question=example.question, lead=lead, text=text, span=moved_span)
            )
        return switched[0], switched[1]

    def _switch(
        self, text: str, rate: float, rng: random.Random, span: Span | None = None
    ) -> tuple[str, Span | None]:
        """Replace words; return the new text and where the span has moved."""
        parts: list[str] = []
        position = length = 0
        start = end = None
        for match in _WORD.finditer(text):
            between = text[position : match.start()]
            length += len(between)
            word = match.group()
            translations = self._lexicon.get(word.lower())
            new = word
            if translations and rng.random() < rate:
                new = translations[0] if rng.random() < 0.75 else rng.choice(translations)
                new = new.capitalize() if word[0].isupper() else new
            if span and start is None and match.end() > span[0]:
                start = length + max(0, span[0] - match.start() if new == word else 0)
            parts += [between, new]
            length += len(new)
            position = match.end()
            if span and match.start() < span[1]:
                cut = match.end() - span[1] if new == word else 0
                end = length - max(0, cut)
        parts.append(text[position:])
        if span is None or start is None or end is None or start >= end:
            return ("".join(parts), None) if span is None else (text, span)
        return "".join(parts), (start, end)


def _passage_language(question: Question) -> str:
    return question.passage.language


def _example(
    question: str, passage: Passage, window: Span, answer: Span | None, rng: random.Random
) -> Example:
    start, end = window
    lead = ""
    if rng.random() < _LEAD_SHARE:
        lead = passage.title
        if start > 0 and rng.random() < 0.5:
            first = next(find_sentences(passage.text, 0, start), (0, 0))
            lead = f"{lead}. {passage.text[first[0] : first[1]]}"[:240]
    span = (answer[0] - start, answer[1] - start) if answer else None
    return Example(question=question, lead=lead, text=passage.text[start:end], span=span)


def window_around(text: str, answer: Span | None, rng: random.Random) -> Span:
    """Return a run of whole sentences around the answer, of a length drawn at random."""
    length = rng.uniform(_SHORTEST_WINDOW, _LONGEST_WINDOW)
    sentences = list(find_sentences(text, 0, len(text)))
    if answer is None:
        first = last = rng.randrange(len(sentences))
    else:
        inside = [
            i for i, (start, end) in enumerate(sentences) if start < answer[1] and end > answer[0]
        ]
        first, last = (inside[0], inside[-1]) if inside else (0, len(sentences) - 1)
    while True:
        steps = []
        if first > 0 and sentences[last][1] - sentences[first - 1][0] <= length:
            steps.append(-1)
        if last + 1 < len(sentences) and sentences[last + 1][1] - sentences[first][0] <= length:
            steps.append(1)
        if not steps:
            return sentences[first][0], sentences[last][1]
        if rng.choice(steps) < 0:
            first -= 1
        else:
            last += 1


def _without_answer(passage: Passage, window: Span, answer: Span) -> str | None:
    """Return the sentences of a window that do not answer; None if nothing telling is left."""
    text = passage.text
    remaining = [
        text[start:end]
        for start, end in find_sentences(text, window[0], window[1])
        if not (start < answer[1] and end > answer[0])
    ]
    left = " ".join(remaining)
    if len(left) < 60 or fold(text[answer[0] : answer[1]]) in fold(left):
        return None
    return left


def as_typed(question: str, language: str, rng: random.Random) -> str:
    """Return the question as people type it: keywords, lower case, slips of the finger."""
    if language == "en" and rng.random() < 0.1:
        words = [
            word
            for word in question.rstrip("?").split()
            if word.lower() not in _ENGLISH_FUNCTION_WORDS
        ]
        question = " ".join(words) if len(words) >= 2 else question
    if rng.random() < 0.12:
        question = question.lower()
    if rng.random() < 0.1:
        question = question.rstrip("?")
    if rng.random() < 0.06 and len(question) > 12:
        at = rng.randrange(1, len(question) - 1)
        drawn = rng.random()
        if drawn < 0.4:
            question = question[:at] + question[at + 1 :]
        elif drawn < 0.7:
            question = question[: at - 1] + question[at] + question[at - 1] + question[at + 1 :]
        else:
            question = question[:at] + fold(question[at:])
    return question


def _with_gap(sentence: str, language: str, rng: random.Random) -> str:
    words = sentence.rstrip(".!?").split()
    size = rng.randint(1, min(4, len(words) - 3))
    at = rng.randrange(len(words) - size + 1)
    gapped = [*words[:at], rng.choice(_QUESTION_WORDS.get(language, [""])), *words[at + size :]]
    if len(gapped) > 14:
        cut = rng.randrange(len(gapped) - 12)
        gapped = gapped[cut : cut + 12]
    return " ".join(word for word in gapped if word) + ("?" if rng.random() < 0.5 else "")


def _joined(sentences: Sequence[str]) -> tuple[str, list[Span]]:
    spans = []
    position = 0
    for sentence in sentences:
        spans.append((position, position + len(sentence)))
        position += len(sentence) + 1
    return " ".join(sentences), spans


def _hard_negatives(questions: Sequence[Question], keep: int = 6) -> list[list[int]]:
    """Return for each question which other questions' passages are likest but do not answer."""
    passages: dict[str, int] = {}
    for i, question in enumerate(questions):
        passages.setdefault(question.passage.text, i)
    texts = list(passages)
    folded = [text.lower() for text in texts]
    vectorizer = TfidfVectorizer(sublinear_tf=True, stop_words="english")
    matrix = vectorizer.fit_transform(texts)
    negatives = []
    for begin in range(0, len(questions), 512):
        batch = questions[begin : begin + 512]
        scores = (vectorizer.transform([question.text for question in batch]) @ matrix.T).toarray()
        for question, passage_scores in zip(batch, scores, strict=True):
            start, end = question.answer or (0, 0)
            answer = question.passage.text[start:end].lower()
            order = np.argsort(-passage_scores)[: 4 * keep]
            hard = [
                passages[texts[i]]
                for i in order
                if texts[i] != question.passage.text and answer not in folded[i]
            ][:keep]
            negatives.append(hard or [passages[texts[int(order[-1])]]])
    return negatives


def near_sentences(sentences: Sequence[str], keep: int = 20) -> list[list[int]]:
    """Return for each sentence the positions of those that share most of its words."""
    vectorizer = TfidfVectorizer(sublinear_tf=True)
    matrix = vectorizer.fit_transform(sentences)
    nearest = []
    for begin in range(0, len(sentences), 512):
        scores = (matrix[begin : begin + 512] @ matrix.T).toarray()
        for position, sentence_scores in enumerate(scores, start=begin):
            order = np.argpartition(-sentence_scores, keep * 2)[: keep * 2]
            near = [int(i) for i in order if sentences[i].lower() != sentences[position].lower()]
            nearest.append(near[:keep])
    return nearest
