"""Tells how many laboratories a server holds: `panel serve --plugins ui.counting`."""

import gc

from tornado.web import RequestHandler


class Laboratories(RequestHandler):
    """Counts what nobody has let go of."""

    def get(self) -> None:
        """Write how many there are."""
        from gnviz.lab.laboratory import Laboratory

        gc.collect()
        self.write(str(sum(isinstance(thing, Laboratory) for thing in gc.get_objects())))


ROUTES = [(r"/laboratories", Laboratories, {})]
