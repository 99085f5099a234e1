"""What Office files have in common, and spreadsheets and presentations."""
