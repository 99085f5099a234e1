"""Where answers are found: at the place that a question names, by a title, or by reading.

Each source of evidence proposes quotes, with what speaks for and against them; none says how sure
that is, which is the calibrator's to tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from rag.domain.hits import Hit
from rag.domain.ports import Documents
from rag.domain.query import LegalReference, Query
from rag.domain.quote import Quote
from rag.domain.standing import Standing
from rag.language.glossary import Glossary
from rag.law.named_regulations import called_in_english, speaks_for
from rag.law.places import Place, find_places, find_titled, quote_place, speaks_of
from rag.read.calibration import Doubt, Evidence, WordingFeatures
from rag.read.cues.answer_types import satisfies
from rag.read.ranker import SentenceRanker
from rag.read.selection import MOST_QUOTES, each_once, that_may_answer
from rag.retrieve.retriever import Retriever
from rag.service.answering.inquiry import Inquiry, filter_within

__all__ = ["READ_PASSAGES", "AtReference", "ByReading", "ByTitle", "EvidenceSource", "Proposal"]

READ_PASSAGES = 30
"""Quotes are chosen out of this many passages."""

_MOST_RELATED = 3
_WORDING_SCORE = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Quotes that may answer.

    Attributes:
        evidence: What speaks for and against that.
        quotes: What would be shown, best first.
        related: What is shown instead if they do not answer.
        hits: The passages found.
        conflicting: How many of the first quotes give other figures of other times.
        is_one_place: Whether the quotes are the pieces of one place, in their order.
    """

    evidence: Evidence
    quotes: tuple[Quote, ...]
    related: tuple[Quote, ...]
    hits: tuple[Hit, ...]
    conflicting: int = 0
    is_one_place: bool = False

    def doubted(self, doubt: Doubt) -> "Proposal":
        """Return the same with what speaks against it."""
        return replace(self, evidence=replace(self.evidence, doubts=self.evidence.doubts | {doubt}))


class EvidenceSource(Protocol):
    """A way to an answer."""

    def find(self, inquiry: Inquiry) -> Sequence[Proposal]:
        """Return what may answer, the most fitting first; nothing if this is not the way."""
        ...


class ByReading:
    """Reads the passages that were found."""

    def __init__(self, documents: Documents, ranker: SentenceRanker) -> None:
        self._documents = documents
        self._ranker = ranker

    def find(self, inquiry: Inquiry) -> Sequence[Proposal]:
        """Return the best sentences; there is always a proposal, if only an empty one."""
        query, as_of = inquiry.query, inquiry.as_of
        need = query.need
        if as_of.asked and self._tells_when_it_holds(inquiry):
            # What held then does not say so: the time is no word that its text must have.
            need = query.timeless_need or need
        else:
            as_of = replace(as_of, asked=False)
        with inquiry.stopwatch.stage("read"):
            ranked = self._ranker.rank(
                query,
                need,
                inquiry.retrieved,
                self._documents.document,
                as_of,
                inquiry.may_quote if inquiry.places else None,
            )
        quotes = each_once(ranked.quotes)
        if as_of.asked and quotes and as_of.holds(quotes[0].document.source):
            quotes = tuple(quote for quote in quotes if as_of.holds(quote.document.source))
        proposal = Proposal(
            evidence=Evidence(features=ranked.features),
            quotes=that_may_answer(quotes, ranked.conflicting) if quotes else (),
            related=quotes[:_MOST_RELATED],
            hits=ranked.passages,
            conflicting=ranked.conflicting,
        )
        if quotes and not _is_of_what_is_named(query, quotes[0]):
            proposal = proposal.doubted(Doubt.OTHER_REGULATION)
        return (proposal,)

    def _tells_when_it_holds(self, inquiry: Inquiry) -> bool:
        """Tell whether the best passage is of a document that says from when to when it holds."""
        return any(
            inquiry.as_of.standing(source) is not Standing.UNKNOWN for source in inquiry.nearest[:1]
        )


class ByTitle:
    """Goes to the article whose title is just what a question says, or asks for."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def find(self, inquiry: Inquiry) -> Sequence[Proposal]:
        """Return what stands in such articles."""
        places = find_titled(
            inquiry.query.text, self._documents, inquiry.readable.sources.__contains__
        )
        return (wording_of(inquiry, places, MOST_QUOTES),) if places else ()


class AtReference:
    """Goes to the article, or other division, that a question names."""

    def __init__(
        self,
        documents: Documents,
        retriever: Retriever,
        reading: ByReading,
        glossary: Glossary,
    ) -> None:
        self._documents = documents
        self._metadata = documents.metadata()
        self._retriever = retriever
        self._reading = reading
        self._glossary = glossary

    def find(self, inquiry: Inquiry) -> Sequence[Proposal]:
        """Return what is read there, and what stands there; nothing if no document has the place.

        A question that names the document too is answered from there or not at all.
        """
        reference = inquiry.query.reference
        if reference is None:
            return ()
        places, named = self.places(inquiry, reference)
        if not places:
            return (self._missing(inquiry, reference),) if named else ()
        wording = wording_of(inquiry, places, 1 if named else MOST_QUOTES)
        if all(place.wording_only for place in places):
            return (wording,)
        standing_there = tuple(quote for place in places for quote in quote_place(place, 0.0))
        (read,) = self._reading.find(self.within(inquiry, places))
        answer_type = inquiry.query.need.answer_type
        if answer_type is not None and not any(
            satisfies(_text_of(place), answer_type) for place in places
        ):
            return (
                replace(read.doubted(Doubt.TYPE_MISSING), related=standing_there[:_MOST_RELATED]),
            )
        read = replace(read, related=standing_there[:_MOST_RELATED])
        asks_what_it_says = answer_type is None and all(
            speaks_of(place, reference) for place in places
        )
        return (read, wording) if asks_what_it_says else (read,)

    def places(self, inquiry: Inquiry, reference: LegalReference) -> tuple[list[Place], bool]:
        """Return the places that a reference names, and whether a document is named."""
        query, readable = inquiry.query, inquiry.readable.sources
        called = called_in_english(query.english_law, self._glossary, self._metadata)
        if called is not None and not called & readable:
            return [], True
        may_be = readable if called is None else called & readable
        candidates = {
            source: metadata for source, metadata in self._metadata.items() if source in may_be
        }
        return find_places(query, reference, self._documents, candidates, inquiry.nearest)

    def within(self, inquiry: Inquiry, places: Sequence[Place]) -> Inquiry:
        """Return a question as it is asked of some places only."""
        where = filter_within(inquiry.readable.where, tuple(places))
        return replace(
            inquiry,
            places=tuple(places),
            retrieved=self._retriever.retrieve(inquiry.encoded, READ_PASSAGES, where),
        )

    def _missing(self, inquiry: Inquiry, reference: LegalReference) -> Proposal:
        """Return no answer, with what stands around the place that is not there."""
        (read,) = self._reading.find(inquiry)
        around, _ = self.places(inquiry, reference.without_detail())
        near = tuple(quote for place in around for quote in quote_place(place, 0.0))
        related = (near or read.related)[:_MOST_RELATED]
        return replace(read.doubted(Doubt.PLACE_MISSING), related=related)


def wording_of(inquiry: Inquiry, places: Sequence[Place], most: int) -> Proposal:
    """Return what stands at some places, as it stands; what holds then comes first."""
    chosen = sorted(places, key=lambda place: not inquiry.as_of.holds(place.document.source))[:most]
    return Proposal(
        evidence=Evidence(
            features=WordingFeatures(
                alone=len(chosen) == 1, asks_only_wording=chosen[0].wording_only
            )
        ),
        quotes=tuple(quote for place in chosen for quote in quote_place(place, _WORDING_SCORE)),
        related=(),
        hits=inquiry.retrieved.hits,
        is_one_place=len(chosen) == 1,
    )


def _text_of(place: Place) -> str:
    return place.document.text[place.section.start : place.section.end]


def _is_of_what_is_named(query: Query, quote: Quote) -> bool:
    """Tell whether a quote is of the regulation that a question names, if it names any.

    It may also be of a regulation that speaks of it, such as a circular that guides a law, or
    stand in a passage that does.
    """
    start, end = quote.context if quote.context[1] else (quote.start, quote.end)
    return not query.regulations or speaks_for(query.regulations, quote.document, start, end)
