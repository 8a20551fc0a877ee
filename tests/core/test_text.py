"""Look-alikes of ideographs, as browsers print them into PDF: read as what they look like."""

from dataclasses import replace
from pathlib import Path

import pytest

from nianbao.core.report import Report, to_json
from nianbao.core.text import shortened, unified
from nianbao.ingest.ingest import ingest
from support.pages import as_html, as_text
from support.published import differences, export
from support.samples import county

SOUND = "临江县水利局：人民工文行一二网，长门见车马鸟龙"
ALIKE = "临江县⽔利局：⼈⺠⼯⽂⾏⼀⼆⽹，⻓⻔⻅⻋⻢⻦⻰"


def with_lookalikes(report: Report) -> Report:
    text = (f"（一）概况。{ALIKE}。〈１２件〉，；",)
    return replace(report, narrative={**report.narrative, "problems": text})


def test_lookalikes_become_the_ideographs_and_nothing_else_changes() -> None:
    assert unified(ALIKE) == SOUND
    assert unified("豈更〈ﬁle〉") == "岂更〈file〉".replace("岂", "豈")
    assert unified("⼾籍㬵片逸出") == "户籍胶片逸出"
    kept = "１２，（三）；：Ａ〔2021〕①㎡…—　"
    assert unified(kept) == kept


@pytest.mark.parametrize("render", [as_html, as_text])
def test_a_page_and_a_pasted_text_are_read_without_lookalikes(render: object) -> None:
    assert callable(render)
    got = ingest(render(with_lookalikes(county())).encode(), name="年报")
    assert got.report.narrative["problems"] == (f"（一）概况。{SOUND}。〈１２件〉，；",)


def test_an_entity_on_a_page_is_read_as_the_ideograph() -> None:
    page = as_html(county()).replace("青山县水利局", "青山县&#12116;利局")
    assert ingest(page.encode(), name="年报").report.agency == "青山县水利局"


@pytest.mark.many
@pytest.mark.parametrize("kind", ["html", "fragment", "docx", "json"])
def test_a_report_that_holds_lookalikes_itself_is_exported_and_found_sound(tmp_path: Path, kind: str) -> None:
    report = replace(with_lookalikes(county()), agency="青⼭县⽔利局")
    path = export(report, [kind], tmp_path)[-1]
    assert differences(path, report) == []
    assert differences(path) == []


def test_the_fingerprint_does_not_depend_on_lookalikes() -> None:
    sound = replace(county(), agency="青山县水利局")
    assert replace(sound, agency="青⼭县⽔利局").fingerprint() == sound.fingerprint()
    assert to_json(replace(sound, agency="青⼭县⽔利局"))["agency"] == "青⼭县⽔利局"


def test_a_long_text_is_shortened_to_its_length_and_may_keep_its_end() -> None:
    assert shortened("甲乙丙丁戊", 5) == "甲乙丙丁戊"
    assert shortened("甲乙丙丁戊己", 5) == "甲乙丙丁…"
    assert shortened("甲乙丙丁戊己", 5, tail=2) == "甲乙…戊己"
