"""When text that a file holds is not seen where it stands: by its colour or its size.

Such text is no part of a document, so that it can never be quoted. What a format itself calls
hidden (rows, slides, Word's hidden text, `display: none`) is left out without a word; of the rest
a note is left, by `ExtractBuilder.unseen`, as somebody may have taken it for part of the text.
"""

__all__ = ["MIN_LEGIBLE_POINTS", "WHITE", "Colour", "are_indistinguishable", "blended"]

Colour = tuple[int, int, int]
"""Red, green and blue, from 0 to 255."""

WHITE: Colour = (255, 255, 255)
MIN_LEGIBLE_POINTS = 2.0
"""Type that is smaller is a row of dots, whatever the printer or the screen."""

_MAX_CHANNEL_DIFFERENCE = 10  # of 255: colours that differ by no more cannot be told apart


def are_indistinguishable(colour: Colour, other: Colour) -> bool:
    """Tell whether letters of one colour cannot be made out on the other."""
    return all(
        abs(channel - other_channel) <= _MAX_CHANNEL_DIFFERENCE
        for channel, other_channel in zip(colour, other, strict=True)
    )


def blended(colour: Colour, share: float, beneath: Colour) -> Colour:
    """Return how a colour looks of which only a share (0 to 1) is laid over another."""
    red, green, blue = (
        round(upper * share + lower * (1 - share))
        for upper, lower in zip(colour, beneath, strict=True)
    )
    return red, green, blue
