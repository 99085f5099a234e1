"""Every format that is read, and what reads it. What it imports is heavy; the worker needs it."""

from collections.abc import Callable

from rag.domain.work import Limits
from rag.ingest.containers.mail import MailLoader
from rag.ingest.containers.zip_archive import ArchiveLoader
from rag.ingest.html.loader import HtmlLoader
from rag.ingest.loaders import DocumentLoader, LoaderSet
from rag.ingest.office.sheets import DelimitedLoader, SheetLoader
from rag.ingest.office.slides import SlidesLoader
from rag.ingest.pdf.loader import PdfLoader
from rag.ingest.text.plain import PlainTextLoader
from rag.ingest.word.loader import WordLoader

__all__ = ["default_loader"]


def default_loader(limits: Limits, on_page: Callable[[], None] | None = None) -> LoaderSet:
    """Return a loader for every format that is read.

    Args:
        limits: How much reading a file may take.
        on_page: Called whenever a page that takes long was read.
    """
    single: tuple[DocumentLoader, ...] = (
        PlainTextLoader(limits.max_bytes),
        HtmlLoader(limits.max_bytes),
        PdfLoader(limits.max_pages, on_page),
        WordLoader(limits.max_bytes),
        SlidesLoader(limits.max_bytes),
        SheetLoader(limits.max_bytes),
        DelimitedLoader(limits.max_bytes),
    )
    mail = MailLoader((*single, ArchiveLoader(single)), limits.max_bytes)
    return LoaderSet((*single, mail, ArchiveLoader((*single, mail))))
