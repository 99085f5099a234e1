"""What a regulation says of itself: number, office, dates, and what it replaces."""
