"""What the server does around its visitors, as where `gnviz serve` starts it."""

from gnviz.lab.server.app.app_hooks import on_server_loaded, on_server_unloaded

__all__ = ["on_server_loaded", "on_server_unloaded"]
