"""From a question to an answer: understand, find evidence, calibrate, compose."""
