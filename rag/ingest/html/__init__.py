"""HTML: its text in reading order, without what a browser would not show."""
