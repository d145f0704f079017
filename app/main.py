"""`panel serve app`, from a checkout: the page that `gnviz serve` shows."""

from gnviz.lab.page import page

page().servable()
