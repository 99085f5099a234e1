"""Word: text with its numbering, styles and notes."""
