"""Go where a question points, and quote what stands there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from rag.domain.documents import Division, Document, Metadata, Section, SectionRef, Sentence
from rag.domain.query import LegalReference, NamedRegulations, Query
from rag.domain.quote import Quote
from rag.language.vietnamese import fold, words
from rag.law.lexicon import LAW_LEXICON
from rag.law.named_regulations import is_named, is_title_of
from rag.law.register import number_key
from rag.law.titles import title_key

__all__ = [
    "Place",
    "SectionIndex",
    "find_places",
    "find_titled",
    "is_within",
    "quote_place",
    "speaks_of",
]

_LONGEST_QUOTE = 600  # characters
_MOST_QUOTES_OF_A_PLACE = 6
_KIND_WORDS = LAW_LEXICON.words("kind_words")
_FEWEST_TITLE_WORDS = 3  # that tell something
_SHARE_TO_NAME = 0.5  # of the words of a title that a question must have to name the document


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A section of a document that a question names.

    Attributes:
        named: Whether the question names the document too.
        wording_only: Whether the question asks for no more than what stands there.
    """

    document: Document
    section: Section
    named: bool
    wording_only: bool


class SectionIndex(Protocol):
    """Where sections are looked up; part of `rag.domain.ports.Documents`."""

    def sections(self, kind: Division, number: str) -> Sequence[SectionRef]:
        """Return the sections of a kind and number."""
        ...

    def titled(self, key: str) -> Sequence[SectionRef]:
        """Return the articles of a title, by its `title_key`."""
        ...

    def document(self, source: str) -> Document:
        """Return a document."""
        ...


def find_places(
    query: Query,
    reference: LegalReference,
    index: SectionIndex,
    known: Mapping[str, Metadata],
    nearest: Sequence[str],
) -> tuple[list[Place], bool]:
    """Return the sections that a question names, of the likeliest documents first.

    Args:
        query: The question; what regulations it names counts.
        reference: The divisions that it names, or some of them.
        index: Where sections are looked up.
        known: What is known of each document that may be one of them, by source.
        nearest: Sources by how near they are to the question.

    Returns:
        The places, and whether the question names a document: what is not in that is nowhere.
        Where a document has the article but not its clause, the place is not among them; nor is
        any if the question names a regulation that is not there.
    """
    root = reference.root
    if root is None:
        return [], False
    asked = {fold(word) for word in reference.rest}
    regulations = query.regulations
    shares = {
        source: _share(source, metadata, asked, reference, regulations)
        for source, metadata in known.items()
        if not regulations or _may_be(source, metadata, reference, regulations)
    }
    best = max((share for share, _ in shares.values()), default=0.0)
    named = best >= _SHARE_TO_NAME
    if (regulations or reference.regulations) and not named:
        return [], True
    chosen = {source for source, (share, _) in shares.items() if not named or share == best}
    places = [
        Place(
            document=document,
            section=section,
            named=named,
            wording_only=not asked - (shares[place.source][1] if named else frozenset()),
        )
        for place in _with_number(index, root, reference.numbers[root])
        if place.source in chosen
        for document in [index.document(place.source)]
        if _is_in(document, place.position, reference)
        for section in _deepest(document, place.position, reference)
    ]
    order = {source: rank for rank, source in enumerate(nearest)}
    places.sort(key=lambda place: order.get(place.document.source, len(order)))
    return places, named


def find_titled(
    question: str, index: SectionIndex, may_be_read: Callable[[str], bool]
) -> list[Place]:
    """Return the articles whose title is just what a question says, or asks for."""
    asked = title_key(question)
    if len(asked.split()) < _FEWEST_TITLE_WORDS:
        return []
    return [
        Place(
            document=document,
            section=document.sections[place.position],
            named=False,
            wording_only=True,
        )
        for place in index.titled(asked)
        if may_be_read(place.source)
        for document in [index.document(place.source)]
        if any(
            is_within(document.sections[place.position], sentence)
            for sentence in document.sentences
        )
    ]


def _with_number(index: SectionIndex, kind: Division, number: str) -> Iterator[SectionRef]:
    """Yield the sections of a number; English ones may be what articles are elsewhere."""
    yield from index.sections(kind, number)
    if kind is Division.SECTION:
        yield from index.sections(Division.ARTICLE, number)


def _is_in(document: Document, position: int, reference: LegalReference) -> bool:
    """Tell whether a section is in the chapter, part and so on that a reference names too."""
    section = document.sections[position]
    if section.kind is not reference.root and not section.label.lower().startswith("section"):
        return False
    enclosing = {above.kind: above.number for above in document.path_to(position)}
    return all(
        enclosing.get(kind, number) == number
        for kind, number in reference.numbers.items()
        if kind not in (Division.CLAUSE, Division.POINT, reference.root)
    )


def _may_be(
    source: str, metadata: Metadata, reference: LegalReference, regulations: NamedRegulations
) -> bool:
    """Tell whether a document is a regulation that a question names."""
    if any(_is_called(metadata.number, cited) for cited in reference.regulations):
        return True
    return is_named(regulations, source, metadata)


def _share(
    source: str,
    metadata: Metadata,
    asked: set[str],
    reference: LegalReference,
    regulations: NamedRegulations,
) -> tuple[float, frozenset[str]]:
    """Return how much of a document's name a question says, and the words of that name."""
    name = metadata.title or metadata.number or source
    own = frozenset(fold(word) for word in words(name)) - _KIND_WORDS
    called = any(_is_called(metadata.number, cited) for cited in reference.regulations)
    if called or is_title_of(regulations, source, metadata):
        return 1.0, own | frozenset(fold(word) for word in words(metadata.number))
    return (len(own & asked) / len(own) if own else 0.0), own


def _is_called(number: str, cited: str) -> bool:
    """Tell whether a document with a number is cited: in full, or as "thong tu 39"."""
    if not number:
        return False
    kind, _, code = cited.rpartition(" ")
    of_kind = not kind or fold(number).startswith(kind.split(" so")[0].split(" no")[0])
    return of_kind and f"{number_key(number)}/".startswith(f"{code}/")


def _deepest(document: Document, position: int, reference: LegalReference) -> Iterator[Section]:
    """Yield the section that a reference leads to from its root, if it has anything to quote."""
    for kind in (Division.CLAUSE, Division.POINT):
        number = reference.numbers.get(kind)
        if number is None:
            continue
        within = _within(document, position, kind, number)
        if within is None and kind is Division.POINT and number == "d":
            within = _within(document, position, kind, "đ")
        if within is None:
            return
        position = within
    section = document.sections[position]
    if any(is_within(section, sentence) for sentence in document.sentences):
        yield section


def _within(document: Document, position: int, kind: Division, number: str) -> int | None:
    outer = document.sections[position]
    for inner in range(position + 1, len(document.sections)):
        section = document.sections[inner]
        if section.start >= outer.end:
            return None
        if section.kind is kind and section.number == number:
            return inner
    return None


def is_within(section: Section, sentence: Sentence) -> bool:
    """Tell whether a sentence stands in a section."""
    return section.start <= sentence.start and sentence.end <= section.end


def speaks_of(place: Place, reference: LegalReference) -> bool:
    """Tell whether a question asks what a place says of something that it does speak of.

    "Điều 5 quy định gì về thời hạn nộp hồ sơ?": each two words that stand beside each other in the
    question do so there.
    """
    text = place.document.text[place.section.start : place.section.end]
    own = [fold(word) for word in words(text)]
    pairs, single = set(pairwise(own)), set(own)
    metadata = place.document.metadata
    name = {fold(word) for word in words(f"{metadata.title} {metadata.number}")}
    runs = [run for run in reference.runs if not (place.named and name.issuperset(run))]
    return bool(runs) and all(
        pairs.issuperset(pairwise(run)) if len(run) > 1 else run[0] in single for run in runs
    )


def quote_place(place: Place, score: float) -> tuple[Quote, ...]:
    """Return what stands in a section: whole if it is short, else its first pieces in order."""
    document, section = place.document, place.section
    inside = [sentence for sentence in document.sentences if is_within(section, sentence)]
    pieces: list[tuple[int, int, str]] = []
    start = section.start  # with its heading
    for sentence in inside:
        last = pieces[-1] if pieces else None
        if last and sentence.end - last[0] <= _LONGEST_QUOTE:
            pieces[-1] = (last[0], sentence.end, last[2])
        else:
            low = min(start, sentence.start) if not pieces else sentence.start
            citation = sentence.section if pieces else _citation(document, section)
            pieces.append((low, sentence.end, citation))
    return tuple(
        Quote(
            document=document,
            start=low,
            end=high,
            score=score - position / 1_000,
            section=citation,
            context=(section.start, section.end),
        )
        for position, (low, high, citation) in enumerate(pieces[:_MOST_QUOTES_OF_A_PLACE])
    )


def _citation(document: Document, section: Section) -> str:
    return document.address_of(document.sections.index(section))
