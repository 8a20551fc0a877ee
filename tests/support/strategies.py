"""Hypothesis strategies: reports with anything at all in them."""

from dataclasses import replace

from hypothesis import strategies as st

from nianbao.core.report import Explanation, Report, with_figures
from support.build import FORM, hubei

anything = st.one_of(
    st.none(),
    st.integers(-(10**15), 10**15),
    st.decimals(-10_000, 10_000, places=4).map(lambda d: d if d % 1 else int(d)),
    st.text(min_size=1, max_size=12),
    st.sampled_from(["/", "163件", "#REF!", "=1+1", " 12", "是", "TRUE", "NaN"]),
)


@st.composite
def odd(draw: st.DrawFn) -> Report:
    """The 湖北 report with anything at all in some cells, and odd text beside it."""
    some = draw(st.dictionaries(st.sampled_from(FORM.cells), anything, max_size=30))
    words = st.lists(
        st.text(min_size=1).filter(lambda t: t.strip() and t.splitlines() == [t]), max_size=3
    ).map(tuple)
    sections = st.dictionaries(st.sampled_from([s.key for s in FORM.sections]), words.filter(bool))
    explained = st.builds(
        Explanation, st.text(), st.lists(st.text(), max_size=2).map(tuple), st.text(), st.text()
    )
    return replace(
        with_figures(hubei(), some),
        agency=draw(st.text()),
        year=draw(st.none() | st.integers(-5, 10**15)),
        narrative=draw(sections),
        preamble=draw(words),
        agency_code=draw(st.text()),
        level=draw(st.text()),
        scope=draw(st.text()),
        explanations=tuple(draw(st.lists(explained, max_size=2))),
    )
