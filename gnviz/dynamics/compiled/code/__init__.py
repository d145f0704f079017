"""What becomes machine code, all of it, and nothing else: the cache goes by these files."""
