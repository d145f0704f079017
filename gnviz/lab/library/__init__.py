"""The library on the page: runs that are kept, found again, opened, deleted and brought back."""
