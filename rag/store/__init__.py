"""What is on disk: generations of an index, documents, what was embedded and asked."""
