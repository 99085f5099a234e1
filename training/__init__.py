"""Train the models that ship with the program; not part of an install."""
