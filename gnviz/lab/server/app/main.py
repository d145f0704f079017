"""The page that `gnviz serve` and `panel serve app` show: all of it lives in `gnviz.lab`."""

from gnviz.lab.page import page

page().servable()
