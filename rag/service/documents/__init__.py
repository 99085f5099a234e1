"""The folder of documents: listing, uploading, bringing the index in step."""
