"""Make example questions of what the documents say, and keep those that are answered."""

import logging
from collections.abc import Callable, Container, Iterator, Sequence

from rag.domain.answer import Answer
from rag.domain.documents import Document, Language
from rag.domain.permissions import Scope
from rag.domain.standing import Standing, today
from rag.errors import TrichDanError
from rag.service.assistant import Assistant
from ui.examples.fitness import advertises
from ui.examples.questions import Candidate, candidates
from ui.examples.titles import QuestionKind

__all__ = ["SHOWN", "Asking", "is_answered", "make_examples"]

SHOWN = 6
"""How many examples stand on the first screen."""

_logger = logging.getLogger(__name__)
_OF_A_LANGUAGE = 3
_SURE = 0.5  # an example is answered with at least this confidence
_VERY_SURE = 0.75  # and better with this, from which the page says so without a word of doubt
_TRIED = 60  # questions at most, of about an eighth of a second each
_DOCUMENTS = 60  # at most are looked at
_AT_A_TURN = 2  # questions of a document that are tried before it is another's turn
_MOST_OF_UNKNOWN = 2  # questions of a document that does not say what it is
_CLEAR = frozenset(  # questions that everybody understands who has not read the document
    {
        QuestionKind.DEFINITION,
        QuestionKind.RIGHTS,
        QuestionKind.CONDITIONS,
        QuestionKind.CONTENTS,
        QuestionKind.QUESTION,
        QuestionKind.NAME,
    }
)
_ALL = frozenset(QuestionKind)
_FEWEST_KNOWN = 3  # documents that say what they are; then others are not asked before them


def is_answered(answer: Answer) -> bool:
    """Tell whether a question with such an answer is fit to be an example."""
    return answer.answerable and answer.confidence >= _SURE


class Asking:
    """Asks questions until enough were tried, or nobody wants to know any more.

    Args:
        assistant: What is asked.
        scope: What everybody may read.
        wanted: Is called before each question.
    """

    def __init__(self, assistant: Assistant, scope: Scope, wanted: Callable[[], bool]) -> None:
        self.assistant = assistant
        self.scope = scope
        self._wanted = wanted
        self._left = _TRIED
        self._asked: dict[str, Answer | None] = {}

    def goes_on(self) -> bool:
        """Tell whether another question may be asked."""
        return self._left > 0 and self._wanted()

    def ask(self, question: str) -> Answer | None:
        """Return the answer if it is one that may be shown."""
        if question not in self._asked and self.goes_on():
            self._left -= 1
            self._asked[question] = self._answer(question)
        return self._asked.get(question)

    def _answer(self, question: str) -> Answer | None:
        try:
            answer = self.assistant.ask(question, scope=self.scope)
        except TrichDanError as error:
            _logger.debug("the example %r cannot be asked: %s", question, error)
            return None
        return answer if is_answered(answer) else None


def make_examples(asking: Asking) -> list[str]:
    """Return questions that are answered, three in each language where that is possible.

    They are of different documents and of different kinds where possible.
    """
    documents = _documents(asking)
    order = [Language.VIETNAMESE, Language.ENGLISH]
    if documents and all(document.language is Language.ENGLISH for document in documents):
        order.reverse()
    maker = _Maker(asking, documents)
    for language in order:
        maker.find(language, _OF_A_LANGUAGE)
    for language in order:  # where the other language has too few
        maker.find(language, SHOWN - len(maker.chosen))
    return [question for language in order for question in maker.of(language)]


def _documents(asking: Asking) -> list[Document]:
    """Return some documents, those first that say what they are, are in force, and are new.

    A text that neither names its number, its publisher nor its day can be anybody's. Where enough
    documents do, its questions come after all of theirs.
    """
    sources = asking.assistant.sources(asking.scope)
    step = max(1, -(-len(sources) // _DOCUMENTS))
    documents = []
    for source in sources[::step]:
        if not asking.goes_on():
            break
        document = asking.assistant.document(source)
        if _says_what_it_is(document) or not advertises(document):
            documents.append(document)
    documents.sort(key=_day, reverse=True)
    return sorted(documents, key=lambda document: _standing(asking.assistant, document))


def _day(document: Document) -> str:
    """Return the day of a document; one to come is none, or it would always be the newest."""
    day = document.metadata.date or document.metadata.effective_from
    return day if day <= today().last else ""


def _standing(assistant: Assistant, document: Document) -> tuple[bool, bool, bool]:
    """Return by what documents are sorted; False goes first."""
    metadata = document.metadata
    holds = assistant.standing(document.source) in (Standing.IN_FORCE, Standing.UNKNOWN)
    official = bool(metadata.number or metadata.publisher or metadata.effective_from)
    return not _says_what_it_is(document), not holds, not official


def _says_what_it_is(document: Document) -> bool:
    metadata = document.metadata
    return bool(metadata.number or metadata.publisher or metadata.date or metadata.effective_from)


class _Maker:
    """Finds questions of documents, by turns, so that they are not all of one kind."""

    def __init__(self, asking: Asking, documents: Sequence[Document]) -> None:
        self._asking = asking
        self._documents = documents
        self._quoted: dict[str, int] = {}  # how many questions each document answers, by source
        self._places: set[tuple[str, int]] = set()  # that answer
        self.chosen: list[tuple[Language, Candidate]] = []

    def of(self, language: Language) -> list[str]:
        """Return the questions that were chosen in a language."""
        return [candidate.question for its, candidate in self.chosen if its is language]

    def find(self, language: Language, most: int) -> None:
        """Look for so many questions in a language."""
        spare: list[tuple[float, Candidate, Answer]] = []
        enough = len(self.chosen) + most
        for candidate in self._candidates(language):
            if len(self.chosen) >= enough or not self._asking.goes_on():
                return
            answer = self._asking.ask(candidate.question)
            if answer is None or not self._is_right(candidate, answer, language):
                continue
            holds = answer.quotes[0].standing in (Standing.IN_FORCE, Standing.UNKNOWN)
            if answer.confidence >= _VERY_SURE and holds:
                self._take(language, candidate, answer)
            else:
                spare.append((answer.confidence, candidate, answer))
        for _, candidate, answer in sorted(spare, key=lambda surplus: -surplus[0]):
            if len(self.chosen) < enough and self._is_right(candidate, answer, language):
                self._take(language, candidate, answer)

    def _candidates(self, language: Language) -> Iterator[Candidate]:
        """Yield questions of all documents in turn; of a kind that is rare among those found."""
        for group in self._groups():
            own = [document for document in group if document.language is language]
            others = [document for document in group if document.language is not language]
            for documents in (own, others):
                yield from self._of_each(documents, language)

    def _of_each(self, documents: Sequence[Document], language: Language) -> Iterator[Candidate]:
        """Yield questions of documents in turn, those first that say themselves what they mean."""
        pools = _Pools(language)
        left = sorted(documents, key=lambda document: self._count(document.source) > 0)
        while left:
            for document in left:
                yield from self._turn(document, pools, _CLEAR)
            for document in left:
                if self._count(document.source) == 0:
                    yield from self._turn(document, pools)
            if not any(pools.has(document, _CLEAR) for document in left):
                for document in left:
                    yield from self._turn(document, pools)
            left = [
                document
                for document in left
                if pools.has(document) and not self._has_enough(document)
            ]

    def _turn(
        self, document: Document, pools: "_Pools", kinds: Container[QuestionKind] = _ALL
    ) -> Iterator[Candidate]:
        """Yield questions of a document until one is found."""
        before = self._count(document.source)
        for _ in range(_AT_A_TURN):
            is_served = self._count(document.source) > before or self._has_enough(document)
            if not is_served and pools.has(document, kinds):
                used = [candidate.kind for its, candidate in self.chosen if its is pools.language]
                yield pools.take(document, kinds, used)

    def _groups(self) -> list[list[Document]]:
        """Return documents of which the later ones are only asked if the earlier do not suffice."""
        telling = [document for document in self._documents if _says_what_it_is(document)]
        mostly = len(telling) >= _MOST_OF_UNKNOWN and len(telling) * 2 >= len(self._documents)
        if len(telling) < _FEWEST_KNOWN and not mostly:
            return [list(self._documents)]
        others = [document for document in self._documents if not _says_what_it_is(document)]
        return [telling, others]

    def _has_enough(self, document: Document) -> bool:
        """Tell whether a document that can be anybody's has had its share of the first screen."""
        others = len(self._documents) > _MOST_OF_UNKNOWN
        unknown = others and not _says_what_it_is(document)
        return unknown and self._count(document.source) >= _MOST_OF_UNKNOWN

    def _count(self, source: str) -> int:
        return self._quoted.get(source, 0)

    def _is_right(self, candidate: Candidate, answer: Answer, language: Language) -> bool:
        """Tell whether a question is answered by what it was made of, and by nothing else found."""
        asked = {candidate.question for _, candidate in self.chosen}
        return (
            candidate.question not in asked
            and answer.query.language is language
            and candidate.is_answered_by(answer)
            and _place_of(answer) not in self._places
        )

    def _take(self, language: Language, candidate: Candidate, answer: Answer) -> None:
        self.chosen.append((language, candidate))
        self._quoted[candidate.source] = self._count(candidate.source) + 1
        self._places.add(_place_of(answer))


class _Pools:
    """The questions of documents that were not asked yet, made when a document has its turn."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._left: dict[str, list[Candidate]] = {}

    def _of(self, document: Document) -> list[Candidate]:
        if document.source not in self._left:
            self._left[document.source] = candidates(document, self.language)
        return self._left[document.source]

    def has(self, document: Document, kinds: Container[QuestionKind] = _ALL) -> bool:
        """Tell whether a document has a question of some kinds left."""
        return any(candidate.kind in kinds for candidate in self._of(document))

    def take(
        self, document: Document, kinds: Container[QuestionKind], used: Sequence[QuestionKind]
    ) -> Candidate:
        """Take a question out: of the kind that is used least."""
        left = self._of(document)
        best = min(
            (candidate for candidate in left if candidate.kind in kinds),
            key=lambda candidate: (used.count(candidate.kind), candidate.kind),
        )
        left.remove(best)
        return best


def _place_of(answer: Answer) -> tuple[str, int]:
    first = answer.quotes[0]
    return first.document.source, first.start
