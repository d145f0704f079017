"""Electron mobility in a semiconductor."""

from gnviz.data.table import Bundled


class Thurber(Bundled):
    """NIST's Thurber: electron mobility against the logarithm of the density."""

    label = "thurber"
    meaning = "NIST Thurber: electron mobility, 37 points"
    rank = 9
