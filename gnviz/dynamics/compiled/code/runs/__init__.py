"""One run: its arrays, its linearized dynamics, its steps, what is recorded of it."""
