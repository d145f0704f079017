"""Settings of the documentation: `python -m sphinx -W --keep-going docs docs/_build/html`.

Nothing is fetched, neither in a build nor by the pages: formulas become MathML here, fonts and scripts are
the theme's own files.
"""

import sys
from importlib.metadata import version as installed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

project = "gnviz"
author = "The authors of gnviz"
copyright = "the authors of gnviz, BSD-3-Clause licence"
version = release = installed("gnviz")

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "formulas",
    "docstrings",
    "kinds",
    "lessons",
    "notebooks",
]
exclude_patterns = ["_build", "extensions"]
html_theme = "pydata_sphinx_theme"
html_title = "gnviz"
html_static_path = ["_static"]
html_css_files = ["gnviz.css"]
html_theme_options = {
    "navbar_align": "left",
    "header_links_before_dropdown": 8,
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_show_sourcelink = False
html_sidebars = {"claims": [], "conventions": [], "flow": [], "howto": []}

myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # notebooks keep their outputs; tests run them
nb_ipywidgets_js = {}  # else every page of a notebook asks two foreign servers for scripts
html_math_renderer = "mathml"

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_custom_sections = [("Attributes", "params_style")]
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 90
add_module_names = False

served_page = "http://localhost:5006/app"
"""Where links of lessons lead: the page as `panel serve app` serves it."""
