"""What a document is called, where a quote comes from, and what must be said beside it."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from rag.domain.documents import Document, Language
from rag.domain.quote import Quote
from rag.domain.standing import Standing
from rag.messages import message

__all__ = ["Citation", "citation_of", "label_of", "shown_date", "warning_of", "web_address"]

_OPENING_WORDS = 9
_MONTHS = (
    "January February March April May June July August September October November December".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Where a quote comes from, part by part as it is written; what is unknown is "".

    Attributes:
        label: What the document is called.
        number: Of the document, unless the label says it.
        day: The document's date as its metadata give it, for machines.
        date: The same as people write it, or that it is unknown.
        section: Under which heading or number the quote stands.
        page: With the word for it: "page 2".
        source: The document's path.
        place: Start and end of the quote, in characters: "12-80".
        address: Of the document on the web.
        warning: See `warning_of`.
    """

    label: str
    number: str
    publisher: str
    author: str
    day: str
    date: str
    section: str
    page: str
    source: str
    place: str
    address: str
    warning: str

    @property
    def brief(self) -> str:
        """One line that tells where to look the quote up."""
        day = self.date if self.day else ""
        parts = (self.label, self.number, self.publisher, day, self.section, self.page)
        return _joined(*parts, self.source)

    @property
    def full(self) -> str:
        """One line to take elsewhere: all that is known, with the positions and the warning."""
        parts = (self.label, self.number, self.publisher, self.author, self.date, self.section)
        cited = _joined(*parts, self.page, f"{self.source}:{self.place}", self.address)
        return f"{cited}. {self.warning}" if self.warning else cited


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def citation_of(quote: Quote, language: Language) -> Citation:
    """Return where a quote comes from, as it is written in a language."""
    metadata = quote.document.metadata
    label = label_of(quote.document)
    page = message("citation.page", number=quote.page).in_language(language)
    unknown = message("citation.no_date").in_language(language)
    return Citation(
        label=label,
        number="" if metadata.number in label else metadata.number,
        publisher=metadata.publisher,
        author=metadata.author,
        day=metadata.date,
        date=shown_date(metadata.date, language) or unknown,
        section=quote.section,
        page="" if quote.page is None else page,
        source=quote.document.source,
        place=f"{quote.start}-{quote.end}",
        address=web_address(metadata.url),
        warning=warning_of(quote, language),
    )


def label_of(document: Document) -> str:
    """Return what to call a document: its title, or its first words if it gives none."""
    if document.metadata.title:
        return document.metadata.title
    if not document.sentences:
        return document.source
    first = document.sentences[0]
    words = document.text[first.start : first.end].split()
    cut = " ".join(words[:_OPENING_WORDS])
    return f"“{cut}…”" if len(words) > _OPENING_WORDS else f"“{cut}”"


def warning_of(quote: Quote, language: Language) -> str:
    """Return what must be said of a quote's document, else "".

    Whether it is in force today, who claims to have replaced it, and whether another document of
    its number says otherwise.
    """
    metadata = quote.document.metadata
    warnings = [_standing_warning(quote, language)]
    if metadata.claimed_by:
        claim = message("citation.claimed_by", others="; ".join(metadata.claimed_by))
        warnings.append(claim.in_language(language))
    if quote.differs_from:
        difference = message("citation.differs_from", others="; ".join(quote.differs_from))
        warnings.append(difference.in_language(language))
    return " ".join(filter(None, warnings))


def _standing_warning(quote: Quote, language: Language) -> str:
    metadata = quote.document.metadata
    if quote.standing is Standing.NOT_YET:
        day = shown_date(metadata.effective_from, language)
        return message("citation.not_yet_in_force", day=day).in_language(language)
    if quote.standing is not Standing.EXPIRED:
        return ""
    warning = message("citation.expired").in_language(language)
    if metadata.effective_until:
        day = shown_date(metadata.effective_until, language)
        warning += f" {message('citation.in_force_until', day=day).in_language(language)}"
    if metadata.replaced_by:
        others = "; ".join(metadata.replaced_by)
        warning += f", {message('citation.replaced_by', others=others).in_language(language)}"
    return f"{warning}."


def web_address(url: str) -> str:
    """Return a web address that may be linked to, "" for anything else."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    whole = parts.scheme in ("http", "https") and bool(parts.netloc) and "\n" not in url
    return url if whole else ""


def shown_date(day: str, language: Language) -> str:
    """Return an ISO date as it is written: 29/12/2025, 29 December 2025; others as they are."""
    try:
        parsed = date.fromisoformat(day)
    except ValueError:
        return day
    if language is Language.VIETNAMESE:
        return f"{parsed:%d/%m/%Y}"
    return f"{parsed.day} {_MONTHS[parsed.month - 1]} {parsed.year}"
