"""PDF: glyphs to lines, columns, tables and paragraphs, and scans by OCR."""
