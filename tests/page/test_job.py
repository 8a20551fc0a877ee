"""A clerk's whole job with the page alone: blank template, fill, drop, correct, drop, publish."""

import subprocess
from pathlib import Path

from openpyxl import load_workbook

from nianbao.core.report import Report, parse
from nianbao.workbook.layout import COVER_FIELDS, Layout, Spot
from nianbao.workbook.reader import read
from page.conftest import ROOT, Drive

STATES = "NIANBAO.files.map(file => file.state)"
AGENCY = "青山县水利局"


def fill(blank: Path, target: Path, report: Report, wrong: dict[str, int | str]) -> None:
    """Type a report into a blank template, as staff do: figures, text, the level; and some of it wrong."""
    layout, book = Layout.of(report.form), load_workbook(blank)
    typed: dict[Spot, object] = {COVER_FIELDS["level"][1]: report.level}
    live = {cell for cell in report.form.cells if cell in report.form.filled}
    typed |= {layout.spot(cell): report.figures[cell] for cell in report.form.cells if cell not in live}
    typed |= {layout.spot(cell): wrong[str(cell)] for cell in report.form.cells if str(cell) in wrong}
    typed |= {layout.place(place): text for place, text in places(report)}
    for spot, value in typed.items():
        book[spot.sheet][spot.a1] = value
    book.save(target)


def places(report: Report) -> list[tuple[object, str]]:
    from nianbao.core.grid import Place

    return [(Place(key, n), text) for key, n, text in report.text()]


def test_from_the_blank_template_to_the_published_files(drive: Drive, tmp_path: Path) -> None:
    report = parse((ROOT / "workbook/source/sample.json").read_bytes(), "sample.json")
    drive(
        [
            ["click", "#blank"],
            ["fill", "#template [name=year]", "2025"],
            ["fill", "#template [name=agency]", AGENCY],
            ["save", "#template button", tmp_path],
        ]
    )
    (blank,) = tmp_path.glob("*.xlsx")
    fill(blank, tmp_path / "初稿.xlsx", report, {"requests.granted.natural": "6件"})
    (tmp_path / "改好").mkdir()
    fill(blank, tmp_path / "改好" / "初稿.xlsx", report, {})
    (tmp_path / "正文.docx").write_bytes(b"PK")
    seen = drive(
        [
            ["drop", tmp_path / "初稿.xlsx"],
            ["click", "text=网页和数据"],
            ["wait", "#made .problem"],
            ["see", "held", "document.getElementById('made').textContent"],
            ["save", "text=规范数字的副本", tmp_path],
            ["see", "changes", "document.querySelector('.changes').textContent"],
            ["pdf", tmp_path / "校验结果.pdf"],
            ["drop", blank],
            ["drop", tmp_path / "正文.docx"],
            [
                "see",
                "years",
                "[...document.querySelectorAll('#last option')].map(option => option.textContent)",
            ],
            ["see", "problem", "document.querySelector('#list .why').textContent"],
            ["drop", tmp_path / "改好" / "初稿.xlsx"],
            ["see", "states", STATES],
            ["see", "replaced", "document.querySelector('.from').textContent"],
            ["click", "text=网页和数据"],
            ["wait", "#made a"],
            ["see", "published", "document.getElementById('made').textContent"],
            ["all", tmp_path],
        ]
    )
    assert "不能导出" in seen["held"] and "--" not in seen["held"]
    assert "6件" in seen["changes"]
    assert read(tmp_path / "改好" / "初稿.xlsx").agency == AGENCY
    assert seen["states"] == ["可上报", "这是一份没有填写的空白年报，填好以后再校验", "不能使用"]
    assert any(blank.name in option for option in seen["years"])
    assert "已换成" in seen["replaced"] and "另存为“纯文本" in seen["problem"]
    assert seen["published"] == "已生成：" + "".join(seen["saved"][1:])
    assert {Path(name).suffix for name in seen["saved"][1:]} >= {".html", ".json", ".csv"}
    (published,) = (name for name in seen["saved"] if name.endswith(".json"))
    assert read(tmp_path / published).figures == report.figures
    words = ["pdftotext", "-layout", str(tmp_path / "校验结果.pdf"), "-"]
    printed = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert "校验结果" in printed and "选择文件" not in printed
