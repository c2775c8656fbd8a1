"""Small PDFs, written by hand: text of any characters at any place, straight lines, turned pages, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Page:
    """A page of A4 in points; y is counted from the top."""

    marks: list[str] = field(default_factory=list)
    rotate: int = 0
    width: float = 595
    height: float = 842

    def text(self, x: float, y: float, text: str, size: float = 12, matrix: str = "1 0 0 1") -> Page:
        """Draw one line."""
        codes = "".join(f"{ord(char):04x}" for char in text)
        self.marks.append(f"BT /F1 {size} Tf {matrix} {x} {self.height - y} Tm <{codes}> Tj ET")
        return self

    def lines(self, x: float, y: float, lines: Sequence[str], size: float = 12, pitch: float = 20) -> Page:
        """Draw lines below each other."""
        for number, line in enumerate(lines):
            self.text(x, y + number * pitch, line, size)
        return self

    def rule(self, x0: float, y0: float, x1: float, y1: float) -> Page:
        """Draw a line."""
        self.marks.append(f"{x0} {self.height - y0} m {x1} {self.height - y1} l S")
        return self

    def grid(self, xs: Sequence[float], ys: Sequence[float]) -> Page:
        """Draw all lines of a table."""
        for x in xs:
            self.rule(x, ys[0], x, ys[-1])
        for y in ys:
            self.rule(xs[0], y, xs[-1], y)
        return self


_TO_UNICODE = (
    "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /U def /CMapType 2 def "
    "1 begincodespacerange <0000> <ffff> endcodespacerange 1 beginbfrange <0000> <ffff> <0000> endbfrange "
    "endcmap end end"
)


def pdf(*pages: Page, title: str = "", encrypt: str = "") -> bytes:
    """Return a PDF. Every character is one em wide; its number in Unicode is its number in the font."""
    kids = " ".join(f"{10 + 2 * number} 0 R" for number in range(len(pages)))
    objects = {
        1: "<< /Type /Catalog /Pages 2 0 R >>",
        2: f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        3: "<< /Type /Font /Subtype /Type0 /BaseFont /Song /Encoding /Identity-H "
        "/DescendantFonts [4 0 R] /ToUnicode 6 0 R >>",
        4: "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Song /DW 1000 /FontDescriptor 5 0 R "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        5: "<< /Type /FontDescriptor /FontName /Song /Flags 4 /FontBBox [0 -120 1000 880] /Ascent 880 /Descent -120 "
        "/ItalicAngle 0 /CapHeight 700 /StemV 80 >>",
        6: _stream(_TO_UNICODE),
        7: f"<< /Title <feff{title.encode('utf-16-be').hex()}> >>",
    }
    for number, page in enumerate(pages):
        objects[10 + 2 * number] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {page.width} {page.height}] /Rotate {page.rotate} "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {11 + 2 * number} 0 R >>"
        )
        objects[11 + 2 * number] = _stream("\n".join(page.marks))
    body, places = "%PDF-1.7\n", {}
    for number, text in sorted(objects.items()):
        places[number] = len(body)
        body += f"{number} 0 obj\n{text}\nendobj\n"
    table = "".join(f"{number} 1\n{place:010d} 00000 n \n" for number, place in places.items())
    trailer = f"<< /Size {max(objects) + 1} /Root 1 0 R /Info 7 0 R {encrypt} >>"
    return f"{body}xref\n0 1\n0000000000 65535 f \n{table}trailer\n{trailer}\nstartxref\n{len(body)}\n%%EOF\n".encode()


def _stream(text: str) -> str:
    return f"<< /Length {len(text)} >>\nstream\n{text}\nendstream"
