"""Everything that is known of R runs at one moment."""
