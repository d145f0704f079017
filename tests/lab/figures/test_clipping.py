"""Which glyphs are painted on a figure's upper canvas."""

from made import made_dataset

from gnviz.lab.figures.live_figure import LiveFigure
from gnviz.views import VIEWS
from gnviz.views.figures.fit import TRUTH


def test_what_moves_is_raised_on_the_page():
    ds = made_dataset()
    figure = LiveFigure(VIEWS["fit"])
    figure.begin(ds)
    levels = {r.name: r.level for r in figure.figure.renderers}
    assert {levels[str(run)] for run in ds["run"].values} == {"overlay"}
    assert levels[TRUTH] == "glyph"
