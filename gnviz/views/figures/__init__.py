"""The figures, one a file or a folder: a new one is found here by itself."""
