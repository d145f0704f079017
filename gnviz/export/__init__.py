"""Taking a run away: as a script, a notebook, tables, or a page that needs no server.

    gnviz.export.script(ds)      # Python that repeats the run, to the last bit
    gnviz.export.notebook(ds)    # the same with words and pictures, for Jupyter
    gnviz.export.csv(ds)         # a ZIP archive of CSV files, for pandas and others
    gnviz.export.page(ds)        # an HTML file with the pictures and a slider over time, for anyone
    gnviz.export.site(gnviz.run) # the lessons as pages, with all runs that their links lead to

`ds` is a Dataset; scripts and notebooks are also made of an experiment that has not been run. On the command
line: `gnviz export script figure2`.
"""

from gnviz.export.notebooks import notebook
from gnviz.export.pages import page
from gnviz.export.scripts import script
from gnviz.export.sites import site
from gnviz.export.tables import csv

__all__ = ["csv", "notebook", "page", "script", "site"]
