"""The page, as components: settings, a live run, its pictures; used by `app/` and in notebooks."""
