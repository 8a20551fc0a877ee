"""PDF files drawn line by line, as no word processor of ours writes them."""

import io
import re
from typing import Any

from nianbao.core.report import Report
from support.pages import said

SIZE, LEADING = 12, 20
LEFT, RIGHT, TOP, BOTTOM = 72, 72 + 36 * SIZE, 770, 70


class Drawing:
    """A PDF that is drawn line by line, each sign where it belongs."""

    def __init__(self) -> None:
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont
        from reportlab.pdfgen.canvas import Canvas

        pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
        self.file = io.BytesIO()
        self.canvas: Any = Canvas(self.file, pagesize=(595, 842))
        self.y = TOP

    def text(self, x: float, y: float, text: str, size: float = SIZE) -> None:
        self.canvas.setFont("STSong-Light", size)
        self.canvas.drawString(x, y, text)

    def page(self) -> None:
        self.canvas.showPage()
        self.y = TOP

    def down(self, by: float = LEADING) -> float:
        self.y -= by
        if self.y < BOTTOM:
            self.page()
        return self.y

    def bytes(self) -> bytes:
        self.canvas.save()
        return self.file.getvalue()

    def paragraph(self, text: str, indent: int = 2, columns: int = 36, left: float = LEFT) -> None:
        for n, line in enumerate(broken(text, indent, columns)):
            self.text(left + (0 if n else indent * SIZE), self.down(), line)

    def table(self, told: Report, key: str, rows: range | None = None) -> None:
        """The printed rows of a table (some of them), its boxes as lines."""
        grid = told.form.tables[key].grid
        wanted = rows or range(grid.height)
        width, height = (RIGHT - LEFT) / grid.width, 24.0
        top = self.y - 10
        for box in grid.boxes:
            first, last = max(box.row, wanted.start), min(box.row + box.rows, wanted.stop)
            if first >= last:
                continue
            x, y = LEFT + box.column * width, top - (last - wanted.start) * height
            self.canvas.rect(x, y, box.columns * width, (last - first) * height)
            shown = (said(told, box.cell) if box.cell else box.text) if first == box.row else ""
            per = max(1, int(box.columns * width // 4.2))
            for n in range(0, len(shown), per):
                self.text(x + 1, y + (last - first) * height - 5 - 4.2 * (n // per), shown[n : n + per], 4)
        self.y = int(top - len(wanted) * height - 10)


def broken(text: str, indent: int, columns: int) -> list[str]:
    """Lines of so many signs, numbers whole; a comma or full stop hangs over the margin."""
    lines, line, room = [], "", columns - indent
    for word in re.findall(r"[0-9A-Za-z]+|.", text):
        if width(line + word) > room * SIZE + 0.01 and word not in "，。、；":
            lines.append(line)
            line, room = "", columns
        line += word
    return [*lines, line]


def width(text: str) -> float:
    from reportlab.pdfbase.pdfmetrics import stringWidth

    return float(stringWidth(text, "STSong-Light", SIZE))
