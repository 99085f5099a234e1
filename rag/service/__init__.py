"""The parts put together: asking, indexing, the folder of documents, the inbox."""
