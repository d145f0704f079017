"""What the browser alone can do or know of the figures."""
