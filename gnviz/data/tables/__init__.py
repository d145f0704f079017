"""Tables: from a file's bytes to samples."""
