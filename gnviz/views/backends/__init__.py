"""What draws the figures: Bokeh on the page, HoloViews in a notebook, Plotly where there is a surface."""
