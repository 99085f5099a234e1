"""When text that a file holds is not seen where it stands: by its colour or its size.

Such text is no part of a document, so that it can never be quoted. What a format itself calls
hidden (rows, slides, Word's hidden text, `display: none`) is left out without a word; of the rest
a note is left, by `ExtractBuilder.unseen`, as somebody may have taken it for part of the text.
"""

__all__ = ["SPECK", "WHITE", "Colour", "alike", "mixed"]

Colour = tuple[int, int, int]
"""Red, green and blue, from 0 to 255."""

WHITE: Colour = (255, 255, 255)
SPECK = 2.0
"""Points: type that is smaller is a row of dots, whatever the printer or the screen."""

_SAME = 10  # of 255: two colours that differ by no more in each part cannot be told apart


def alike(one: Colour, other: Colour) -> bool:
    """Tell whether letters of one colour cannot be made out on the other."""
    return all(abs(a - b) <= _SAME for a, b in zip(one, other, strict=True))


def mixed(colour: Colour, share: float, beneath: Colour) -> Colour:
    """Return how a colour looks of which only a share (0 to 1) is laid over another."""
    red, green, blue = (
        round(over * share + under * (1 - share))
        for over, under in zip(colour, beneath, strict=True)
    )
    return red, green, blue
