"""The words of laws: kinds of regulations, their divisions, offices; see `rag.language.lexicon`."""

from rag.language.lexicon import Lexicon

__all__ = ["LAW_LEXICON"]

LAW_LEXICON = Lexicon(__name__)
"""The words by which regulations are named, divided, issued and asked for."""
