"""QR codes as the path of an SVG: no image, no style."""

from __future__ import annotations

from dataclasses import dataclass

from qrcode import QRCode


@dataclass(frozen=True)
class Square:
    """`side` in modules, the quiet zone included; `path` draws the dark ones."""

    side: int
    path: str


def square_code(text: str) -> Square:
    code = QRCode(border=4)
    code.add_data(text)
    rows = code.get_matrix()
    path = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark
    )
    return Square(len(rows), path)
