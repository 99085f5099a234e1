"""Write small PDF files, object by object, so that a test shows exactly what is drawn."""

from collections.abc import Sequence
from pathlib import Path

__all__ = ["annotation", "form", "image", "text", "write_pdf"]

_FIRST = 7  # the number of the first object that a test adds


def write_pdf(
    path: Path,
    content: str,
    *added: bytes,
    page: str = "",
    resources: str = "",
    catalogue: str = "",
) -> Path:
    """Write a page of 600 by 800 points.

    Args:
        path: The file.
        content: The operators that draw the page; /F is Helvetica.
        added: Further objects, numbered from 7; /X7 and so on draw them.
        page: Further entries of the page.
        resources: Further entries of its resources.
        catalogue: Further entries of the catalogue.
    """
    named = "".join(f"/X{number} {number} 0 R" for number in range(_FIRST, _FIRST + len(added)))
    objects = [
        f"<</Type/Catalog/Pages 2 0 R{catalogue}>>".encode(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 5 0 R/Resources 6 0 R{page}>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        _stream("", content.encode()),
        f"<</Font<</F 4 0 R>>/XObject<<{named}>>{resources}>>".encode(),
        *added,
    ]
    path.write_bytes(_joined(objects))
    return path


def text(words: str, x: float = 50, y: float = 700, size: float = 12) -> str:
    """Return the operators that write words."""
    return f"BT /F {size} Tf {x} {y} Td ({words}) Tj ET "


def form(content: str, entries: str = "", box: str = "0 0 600 800") -> bytes:
    """Return a form: a drawing within the drawing."""
    return _stream(
        f"/Type/XObject/Subtype/Form/BBox[{box}]/Resources 6 0 R{entries}", content.encode()
    )


def image(rows: Sequence[str], entries: str = "") -> bytes:
    """Return a picture of black (#) and white pixels."""
    pixels = bytes(0 if pixel == "#" else 255 for row in rows for pixel in row)
    size = f"/Width {len(rows[0])}/Height {len(rows)}"
    return _stream(
        f"/Type/XObject/Subtype/Image{size}/ColorSpace/DeviceGray/BitsPerComponent 8{entries}",
        pixels,
    )


def annotation(kind: str, box: str, content: str) -> str:
    """Return a page's entry for an annotation, drawn by the form that is object 7."""
    return f"/Annots[<</Type/Annot/Subtype/{kind}/F 4/Rect[{box}]/AP<</N 7 0 R>>{content}>>]"


def _stream(entries: str, data: bytes) -> bytes:
    return f"<<{entries}/Length {len(data)}>>stream\n".encode() + data + b"\nendstream"


def _joined(objects: Sequence[bytes]) -> bytes:
    written = b"%PDF-1.7\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        written
        + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
        + table
        + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
        % (len(objects) + 1, len(written))
    )
