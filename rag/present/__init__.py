"""What answers look like as text, Markdown and JSON, and the words of both languages."""
