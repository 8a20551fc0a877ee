"""Takes the pictures of README and manual from the real product: ``python workbook/source/pictures.py`` (after ``make page``).

The page is driven in Chromium, workbooks are drawn by LibreOffice, letters and published pages by Chromium; what they show
are the samples. Needs the packages of ``make system``.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "workbook" / "手册" / "图"
SAMPLES = ROOT / "workbook" / "样例"
MISTAKES, FILLED = SAMPLES / "有错的年报.xlsx", SAMPLES / "填好的年报.xlsx"
#: The day on which everything is made and dated: 19 January 2026, the day before the reports are due.
ISSUED = "1768780800"
#: The finding that is followed on the page: the one of table three.
FOLLOWED = ".finding.error .go:has-text('（一）予以公开') >> nth=0"


def take(folder: Path) -> None:
    """Every picture, into a folder."""
    folder.mkdir(exist_ok=True)
    os.environ["SOURCE_DATE_EPOCH"] = ISSUED
    with tempfile.TemporaryDirectory() as scratch:
        desk = Path(scratch)
        page(folder, desk)
        template(folder, desk)
        summary(folder, desk)
        published(folder, desk)


def page(folder: Path, desk: Path) -> None:
    """The browser page with the sample with mistakes: desk, phone, print."""
    steps = [
        ["drop", str(MISTAKES)],
        ["click", FOLLOWED],
        ["shot", str(folder / "校验.png")],
        ["pdf", str(desk / "打印.pdf")],
        ["size", 390, 844],
        ["click", FOLLOWED],
        ["shot", str(folder / "手机.png")],
    ]
    (desk / "steps.json").write_text(json.dumps(steps), encoding="utf-8")
    run("node", "tests/page/drive.mjs", "build/年报校验.html", str(desk / "steps.json"))
    drawn(desk / "打印.pdf", folder / "打印.png", 1)


def template(folder: Path, desk: Path) -> None:
    """Table three of the flagged sample, as Excel and WPS show it: the likeliest cell deep, the others pale."""
    book = shutil.copyfile(MISTAKES, desk / "年报.xlsx")
    nianbao("validate", str(book), "--mark", fails=True)
    sheet(desk / "年报.校验.xlsx", "申请人情况", folder / "填表.png")


def summary(folder: Path, desk: Path) -> None:
    """Who has reported and who not, and what goes back to a unit."""
    for name in ("报送", "汇总设置.xlsx"):
        copy = shutil.copytree if (SAMPLES / name).is_dir() else shutil.copyfile
        copy(SAMPLES / name, desk / name)
    nianbao("consolidate", str(desk / "汇总设置.xlsx"), fails=True)
    sheet(desk / "汇总.xlsx", "处理结果", folder / "汇总.png")
    letter = next(path for path in sorted((desk / "退回").rglob("*退回意见*")) if "全部" not in path.name)
    photograph(letter, folder / "退回.png", 900, 1000)


def published(folder: Path, desk: Path) -> None:
    """The published page, and beside it Word's first page and the picture."""
    nianbao("export", str(FILLED), "--to", "html,docx,pdf,infographic", "-o", str(desk / "发布"))
    made = {path.suffix: path for path in sorted((desk / "发布").iterdir()) if "（网站" not in path.name}
    photograph(made[".html"], folder / "发布.png", 1100, 900)
    drawn(made[".pdf"], folder / "文件.png", 1, whole=True)


def sheet(book: Path, words: str, target: Path) -> None:
    """The first printed page of a workbook that has these words, as LibreOffice draws it."""
    import pypdfium2

    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / f"{book.stem}.pdf"
        printed(book, whole)
        pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(whole)]
        drawn(whole, target, 1 + next(n for n, text in enumerate(pages) if words in text))


def printed(source: Path, target: Path) -> None:
    """A document as PDF, by LibreOffice."""
    with tempfile.TemporaryDirectory() as profile:
        run("soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", "pdf",
            "--outdir", str(target.parent), str(source))  # fmt: skip


def drawn(source: Path, target: Path, page: int, *, whole: bool = False) -> None:
    """One page of a PDF as PNG, without the footer and the white around (``whole``: with them)."""
    from PIL import Image, ImageChops

    stem = str(target.with_suffix(""))
    run("pdftoppm", "-png", "-r", "110", "-f", str(page), "-l", str(page), "-singlefile", str(source), stem)
    if whole:
        return
    image = Image.open(target).convert("RGB")
    image = image.crop((0, 0, image.width, _between_lines(image, round(image.height * 0.93))))
    if box := ImageChops.difference(image, Image.new("RGB", image.size, "white")).getbbox():
        left, top, right, bottom = box
        edges = max(left - 8, 0), max(top - 8, 0), min(right + 8, image.width), min(bottom + 8, image.height)
        image.crop(edges).save(target, optimize=True)


def _between_lines(image: "Image.Image", row: int) -> int:
    """The last row of pixels up to ``row`` in which nothing stands, so that no line of text is cut through."""
    for upper in range(row, row - 60, -1):
        if image.crop((0, upper - 1, image.width, upper)).convert("L").getextrema()[0] == 255:
            return upper
    return row


def photograph(source: Path, target: Path, width: int, height: int) -> None:
    """A page (or a Word file's first page) as a reader sees it."""
    if source.suffix == ".docx":
        printed(source, source.with_suffix(".pdf"))
        return drawn(source.with_suffix(".pdf"), target, 1)
    with tempfile.TemporaryDirectory() as profile:
        run(os.environ.get("CHROMIUM", "chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            f"--user-data-dir={profile}", f"--window-size={width},{height}", f"--screenshot={target}", source.as_uri())  # fmt: skip
    return None


def nianbao(*asked: str, fails: bool = False) -> None:
    """The product's own command; ``fails``: findings are expected (exit code 1)."""
    done = subprocess.run(
        [sys.executable, "-m", "nianbao", *asked], capture_output=True, text=True, check=False
    )
    if done.returncode not in ((0, 1) if fails else (0,)):
        sys.exit(done.stderr or done.stdout)


def run(*command: str) -> None:
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    take(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES)
