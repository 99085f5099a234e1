"""Plain text, and the encodings that Vietnamese has been written in."""
