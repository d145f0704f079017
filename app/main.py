"""The page that `panel serve app` shows: all of it lives in `gnviz.lab`."""

from gnviz.lab.page import page

page().servable()
