"""The errors a person can meet, and what they are told.

    TrichDanError
    ├── SettingsError        a setting has a value it cannot have
    ├── DocumentError        one file of the corpus cannot be read; the others go on
    │   └── ReaderDiedError  the process that read it ended; it may be read when tried again
    ├── EmptyCorpusError     no file of the corpus could be read, or there is none
    ├── ModelError           an embedding model is missing, wrong or cannot be loaded
    ├── IndexMissingError    there is no index where one was asked for
    ├── IndexDamagedError    an index is there, but what is on disk is not what was written
    ├── IndexMismatchError   an index was built with other settings than are asked for now
    ├── IndexWriteError      an index cannot be written (full disk, read-only directory)
    ├── IndexBusyError       another process is building the same index
    ├── QuestionError        a question that cannot be asked (empty, too long, binary)
    ├── ScopeError           a collection is asked for that is not there
    ├── InboxError           the questions that were passed on cannot be read or written
    │   └── InboxFullError   too many of them are open
    ├── GoldError            a file of questions to answer or evaluate cannot be read
    └── UsageError           options of a command do not go together

Every message says what was asked, what was found, and what to do next, in one line.
"""

from rag.messages import Message, message

__all__ = [
    "DocumentError",
    "DocumentExistsError",
    "EmptyCorpusError",
    "GoldError",
    "InboxError",
    "InboxFullError",
    "IndexBusyError",
    "IndexDamagedError",
    "IndexMismatchError",
    "IndexMissingError",
    "IndexWriteError",
    "ModelError",
    "QuestionError",
    "ReaderDiedError",
    "ScopeError",
    "SettingsError",
    "TrichDanError",
    "UsageError",
]


class TrichDanError(Exception):
    """Base of all errors that are the caller's to handle.

    Its message, in English as `str(error)`, is fit to be shown, in one line.

    Args:
        key: Of a message in the catalogue, see `rag.messages`; or a message.
        values: What stands for the names in its braces.

    Attributes:
        message: The message in both languages.
    """

    def __init__(self, key: str | Message, /, **values: object) -> None:
        self.message = key if isinstance(key, Message) else message(key, **values)
        super().__init__(self.message.english)

    @property
    def vietnamese(self) -> str:
        """The message in Vietnamese."""
        return self.message.vietnamese


class SettingsError(TrichDanError):
    """A setting has a value it cannot have."""


class DocumentError(TrichDanError):
    """One file of the corpus cannot be read or taken in."""


class DocumentExistsError(DocumentError):
    """There is a document of that name already."""


class ReaderDiedError(DocumentError):
    """The process that read a file ended, for the file's fault or another's."""


class EmptyCorpusError(TrichDanError):
    """There is nothing to index."""


class ModelError(TrichDanError):
    """An embedding model is missing, is not the pinned one, or cannot be loaded."""


class IndexMissingError(TrichDanError):
    """There is no index where one was asked for."""


class IndexDamagedError(TrichDanError):
    """What is on disk is not what was written."""


class IndexMismatchError(TrichDanError):
    """The index was built with other settings than are asked for now."""


class IndexWriteError(TrichDanError):
    """The index directory cannot be written."""


class IndexBusyError(TrichDanError):
    """Another process is building the same index."""


class QuestionError(TrichDanError):
    """A question that cannot be asked."""


class ScopeError(TrichDanError):
    """A collection is asked for that is not there."""


class GoldError(TrichDanError):
    """A file of questions cannot be read."""


class InboxError(TrichDanError):
    """The questions that were passed on cannot be read or written."""


class InboxFullError(InboxError):
    """So many questions and opinions are open that no more are kept."""


class UsageError(TrichDanError):
    """Options of a command do not go together."""
