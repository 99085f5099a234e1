"""What the files of a generation are called."""

__all__ = ["CENTRES", "CORPUS", "GLOSSARY", "LEXICAL", "SPANS", "SYLLABLES", "TOKENS", "VECTORS"]

CORPUS = "corpus.sqlite"
LEXICAL = "lexical.sqlite"
SYLLABLES = "syllables.sqlite"
VECTORS = "vectors.faiss"
TOKENS = "tokens.faiss"
SPANS = "tokens.sqlite"
CENTRES = "centres.json"
GLOSSARY = "glossary.tsv"
