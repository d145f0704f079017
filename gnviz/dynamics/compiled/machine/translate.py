"""How functions become parts of others: they are translated for the optimizer, and no further.

numba makes machine code of every function that it compiles, together with all that it calls, and so of the
innermost ones over and over; of none of these but the outermost is it ever run. What is compiled here stops
before that, which halves the time. numba has no public way to say so: its own `no_compile` is out of reach,
and linking a library finalizes it. So this extends its compiler, as it may be extended, by a pass and a
library that finalizes by linking alone; a test says when numba no longer has the places for it.
"""

from __future__ import annotations

from typing import Any, Literal

from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NativeLowering


class Part(JITCodeLibrary):
    """A function and all that it calls, before optimization, to be linked into a caller."""

    def add_llvm_module(self, ll_module: Any) -> None:
        """Take over a function as it is."""
        ll_module.data_layout = self._codegen._data_layout
        self._final_module.link_in(ll_module)

    def finalize(self) -> None:
        """Take over what it calls."""
        for library in dict.fromkeys(self._linking_libraries):
            self._reload_init.update(library._reload_init)
            self._final_module.link_in(library._get_module_for_linking(), preserve=True)
        self._finalized = True


@register_pass(mutates_CFG=True, analysis_only=False)
class Translation(NativeLowering):
    """Lowers a function into a `Part`."""

    _name = "gnviz_translation"

    def run_pass(self, state: Any) -> Literal[True]:
        """Lower it, and let numba's calls find it."""
        state.library = Part(state.targetctx.codegen(), state.func_id.func_qualname)
        state.flags.no_compile = state.flags.no_cpython_wrapper = state.flags.no_cfunc_wrapper = True
        super().run_pass(state)
        lowered, name = state["cr"], object().__sizeof__  # numba knows functions by some C function
        state.targetctx.insert_user_function(name, lowered.fndesc, [state.library])
        state["cr"] = lowered._replace(cfunc=name)
        return True


class Translator(CompilerBase):
    """numba's compiler, with the last step replaced; what it compiles can be called by compiled code only."""

    def define_pipelines(self) -> list[Any]:
        """Return the passes."""
        passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
        passes.passes = [
            (Translation, told) if one is NativeLowering else (one, told) for one, told in passes.passes
        ]
        passes.finalize()
        return [passes]
