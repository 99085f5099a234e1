"""From an extract to a document: blocks, sentences, sections, metadata, passages."""
