"""Takes the manual's pictures from the real page: ``python workbook/source/pictures.py`` (after ``make page``)."""

import json
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "workbook" / "手册" / "图"
SAMPLE = ROOT / "workbook" / "样例" / "有错的年报.xlsx"


def take() -> None:
    """Drop the sample with mistakes, follow the first error, photograph desk and phone."""
    PICTURES.mkdir(exist_ok=True)
    steps = [
        ["drop", str(SAMPLE)],
        ["click", ".finding.error .go >> nth=2"],
        ["shot", str(PICTURES / "校验.png")],
        ["size", 390, 844],
        ["click", ".finding.error .go >> nth=2"],
        ["shot", str(PICTURES / "手机.png")],
    ]
    with tempfile.TemporaryDirectory() as scratch:
        told = Path(scratch) / "steps.json"
        told.write_text(json.dumps(steps), encoding="utf-8")
        command = ["node", "tests/page/drive.mjs", "build/年报校验.html", str(told)]
        subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    take()
