"""Runs that are kept: a folder of NetCDF files, each complete in itself.

    library = gnviz.Library("my runs")
    entry = library.keep(ds, name="ill conditioned", note="for lecture 3")
    library.list("lecture")        # the newest first; searched in name, note and experiment
    ds = library.open(entry)       # or library.open(entry.file)
    library.delete(entry)          # into a trash of the folder's own,
    library.undo()                 # from where it comes back
    library.unreadable()           # what else is in the folder, and why it is not listed

A file is a result as `gnviz.save` writes it, with attributes `title` (the name), `comment` (the note),
`date_created` (ISO 8601, UTC) and `thumbnail` (the loss curves as SVG): xarray opens it without gnviz, other
results may be put into the folder, and no file is needed to read another.
"""

from gnviz.library.entry import Entry
from gnviz.library.library import Library

__all__ = ["Entry", "Library"]
