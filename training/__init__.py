"""Train the models that ship with the program, from public question sets. Not part of an install."""
