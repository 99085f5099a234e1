"""What the files of a generation are called."""

__all__ = ["CENTRES", "CORPUS", "LEXICAL", "SYLLABLES", "VECTORS"]

CORPUS = "corpus.sqlite"
LEXICAL = "lexical.sqlite"
SYLLABLES = "syllables.sqlite"
VECTORS = "vectors.faiss"
CENTRES = "centres.npy"
