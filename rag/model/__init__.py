"""The embedding model that is installed with the project, and how it is unpacked."""
