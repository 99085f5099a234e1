"""Reading a whole folder: which files, in which process, and what goes wrong."""
