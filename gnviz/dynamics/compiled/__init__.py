"""The schemes of `flow` and `steps`, and what `measure` records, compiled: small networks, a run at a time.

The torch engine is the meaning: these files follow it operation by operation and take its constants, and
tests run both on random experiments. Only here is numba imported, and only by what `engine` imports; what
may be asked without it is in `covers` and `ready`. Arrays and their rows are named in `layout`.
"""
