"""Vietnamese and English: spelling, words, dates, numbers, and telling one from the other."""
