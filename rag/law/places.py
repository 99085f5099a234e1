"""Go where a question points, and quote what stands there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.domain.documents import Division, Document, Metadata, Section, Sentence
from rag.domain.quote import Quote
from rag.language.vietnamese import fold, words
from rag.law.named_regulations import Named
from rag.law.reference import Address
from rag.law.register import number_key
from rag.store.documents import CorpusStore, title_key
from rag.understand.analyse import Query
from rag.understand.answer_type import expected, has_kind

__all__ = [
    "Place",
    "can_say",
    "find_places",
    "find_titled",
    "is_within",
    "quote_place",
    "speaks_of",
]

_LONGEST_QUOTE = 600  # characters
_MOST_QUOTES = 6
_KINDS = frozenset("bo luat nghi dinh thong tu quyet phap lenh law decree circular".split())
_FEWEST_TITLE_WORDS = 3  # that tell something
_NAMED = 0.5  # of the words of a title that a question must have to name the document


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A section of a document that a question names.

    Attributes:
        named: Whether the question names the document too.
        asked: Whether the question asks for no more than what stands there.
    """

    document: Document
    section: Section
    named: bool
    asked: bool


def find_places(
    address: Address,
    store: CorpusStore,
    known: Mapping[str, Metadata],
    document: Callable[[str], Document],
    allowed: Callable[[str], bool],
    nearest: Sequence[str],
    regulations: Named,
) -> tuple[list[Place], bool]:
    """Return the sections that an address names, of the likeliest documents first.

    Args:
        address: The divisions named.
        store: Where sections are looked up.
        known: What is known of each document, by source.
        document: Returns a document by its source.
        allowed: Tells of a source whether it may be read.
        nearest: Sources by how near they are to the question.
        regulations: Those that the question names.

    Returns:
        The places, and whether the question names a document: what is not in that is nowhere.
        Where a document has the article but not its clause, the place is not among them; nor is
        any if the question names a regulation that is not there.
    """
    root = address.root
    if root is None:
        return [], False
    asked = {fold(word) for word in address.rest}
    shares = {
        source: _share(source, metadata, asked, address, regulations)
        for source, metadata in known.items()
        if allowed(source) and (not regulations or _may_be(source, metadata, address, regulations))
    }
    best = max((share for share, _ in shares.values()), default=0.0)
    named = best >= _NAMED
    if (regulations or address.regulations) and not named:
        return [], True
    chosen = {source for source, (share, _) in shares.items() if not named or share == best}
    places = [
        Place(
            document=found,
            section=section,
            named=named,
            asked=not asked - (shares[source][1] if named else frozenset()),
        )
        for source, position in _with_number(store, root, address.numbers[root])
        if source in chosen
        for found in [document(source)]
        if _is_in(found, position, address)
        for section in _deepest(found, position, address)
    ]
    order = {source: rank for rank, source in enumerate(nearest)}
    places.sort(key=lambda place: order.get(place.document.source, len(order)))
    return places, named


def find_titled(
    question: str,
    store: CorpusStore,
    document: Callable[[str], Document],
    allowed: Callable[[str], bool],
) -> list[Place]:
    """Return the articles whose title is just what a question says, or asks for."""
    asked = title_key(question)
    if len(asked.split()) < _FEWEST_TITLE_WORDS:
        return []
    return [
        Place(document=found, section=found.sections[position], named=False, asked=True)
        for source, position in store.titled(asked)
        if allowed(source)
        for found in [document(source)]
        if any(is_within(found.sections[position], one) for one in found.sentences)
    ]


def _with_number(store: CorpusStore, kind: Division, number: str) -> Iterator[tuple[str, int]]:
    """Yield the sections of a number; English ones may be what articles are elsewhere."""
    yield from store.sections(kind, number)
    if kind is Division.SECTION:
        yield from store.sections(Division.ARTICLE, number)


def _is_in(document: Document, position: int, address: Address) -> bool:
    """Tell whether a section is in the chapter, part and so on that an address names too."""
    section = document.sections[position]
    if section.kind is not address.root and not section.label.lower().startswith("section"):
        return False
    above = {one.kind: one.number for one in document.path_to(position)}
    return all(
        above.get(kind, number) == number
        for kind, number in address.numbers.items()
        if kind not in (Division.CLAUSE, Division.POINT, address.root)
    )


def _may_be(source: str, metadata: Metadata, address: Address, regulations: Named) -> bool:
    """Tell whether a document is a regulation that a question names."""
    if any(_is_called(metadata.number, one) for one in address.regulations):
        return True
    return regulations.names(source, metadata)


def _share(
    source: str, metadata: Metadata, asked: set[str], address: Address, regulations: Named
) -> tuple[float, frozenset[str]]:
    """Return how much of a document's name a question says, and the words of that name."""
    name = metadata.title or metadata.number or source
    own = frozenset(fold(word) for word in words(name)) - _KINDS
    called = any(_is_called(metadata.number, one) for one in address.regulations)
    if called or regulations.titles(source, metadata):
        return 1.0, own | frozenset(fold(word) for word in words(metadata.number))
    return (len(own & asked) / len(own) if own else 0.0), own


def _is_called(number: str, cited: str) -> bool:
    """Tell whether a document with a number is cited: in full, or as "thong tu 39"."""
    if not number:
        return False
    kind, _, code = cited.rpartition(" ")
    of_kind = not kind or fold(number).startswith(kind.split(" so")[0].split(" no")[0])
    return of_kind and f"{number_key(number)}/".startswith(f"{code}/")


def _deepest(document: Document, position: int, address: Address) -> Iterator[Section]:
    """Yield the section that an address leads to from its root, if it has anything to quote."""
    for kind in (Division.CLAUSE, Division.POINT):
        number = address.numbers.get(kind)
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


def can_say(place: Place, query: Query) -> bool:
    """Tell whether a place has a figure, or a time, if a question asks for one."""
    kind = expected(query)
    text = place.document.text[place.section.start : place.section.end]
    return kind is None or has_kind(text, kind)


def speaks_of(place: Place, query: Query, address: Address) -> bool:
    """Tell whether a question asks what a place says of something that it does speak of.

    "Điều 5 quy định gì về thời hạn nộp hồ sơ?": each two words that stand beside each other in the
    question do so there. A question for a figure or a time wants more than that.
    """
    if expected(query) is not None:
        return False
    text = place.document.text[place.section.start : place.section.end]
    there = [fold(word) for word in words(text)]
    pairs, single = set(pairwise(there)), set(there)
    metadata = place.document.metadata
    name = {fold(word) for word in words(f"{metadata.title} {metadata.number}")}
    runs = [run for run in address.runs if not (place.named and name.issuperset(run))]
    return bool(runs) and all(
        pairs.issuperset(pairwise(run)) if len(run) > 1 else run[0] in single for run in runs
    )


def quote_place(place: Place, score: float) -> tuple[Quote, ...]:
    """Return what stands in a section: whole if it is short, else its first pieces in order."""
    document, section = place.document, place.section
    inside = [one for one in document.sentences if is_within(section, one)]
    pieces: list[tuple[int, int, str]] = []
    start = section.start  # with its heading
    for sentence in inside:
        last = pieces[-1] if pieces else None
        if last and sentence.end - last[0] <= _LONGEST_QUOTE:
            pieces[-1] = (last[0], sentence.end, last[2])
        else:
            low = min(start, sentence.start) if not pieces else sentence.start
            address = sentence.section if pieces else _address(document, section)
            pieces.append((low, sentence.end, address))
    return tuple(
        Quote(
            document=document,
            start=low,
            end=high,
            score=score - position / 1_000,
            section=address,
            context=(section.start, section.end),
        )
        for position, (low, high, address) in enumerate(pieces[:_MOST_QUOTES])
    )


def _address(document: Document, section: Section) -> str:
    return document.address_of(document.sections.index(section))
