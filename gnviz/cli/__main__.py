"""`python -m gnviz.cli`: the command `gnviz`, where it is not on the path."""

from gnviz.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
