"""How functions are compiled, where that is kept, and when it is ready."""
