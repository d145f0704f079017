"""El Nino: monthly pressure differences."""

from gnviz.data.table import Bundled


class Enso(Bundled):
    """NIST's ENSO: pressure differences between Easter Island and Darwin, by month."""

    label = "enso"
    meaning = "NIST ENSO: Pacific pressure differences, 168 months"
    rank = 8
