"""What the files of an index are called."""

__all__ = [
    "CENTRES",
    "CORPUS",
    "GLOSSARY",
    "JOURNAL",
    "LEXICAL",
    "READINGS",
    "SPANS",
    "SYLLABLES",
    "TOKENS",
    "VECTORS",
]

# Beside the generations.
JOURNAL = "journal.sqlite"
READINGS = "readings.sqlite"

# In each generation.

CORPUS = "corpus.sqlite"
LEXICAL = "lexical.sqlite"
SYLLABLES = "syllables.sqlite"
VECTORS = "vectors.faiss"
TOKENS = "tokens.faiss"
SPANS = "tokens.sqlite"
CENTRES = "centres.json"
GLOSSARY = "glossary.tsv"
