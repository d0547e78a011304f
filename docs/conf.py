"""Sphinx configuration of the documentation; `make docs` builds it."""

import sys
from pathlib import Path

from seqlab import __version__

sys.path.insert(0, str(Path(__file__).parents[1]))  # for docs.docstrings, docs.generated

project = "seqlab"
author = "The seqlab developers"
version = release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "docs.docstrings",
    "docs.generated",
]

html_theme = "furo"
html_title = "seqlab"
html_show_copyright = html_show_sphinx = False

myst_heading_anchors = 3

default_role = "code"  # single backticks in docstrings are code
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
python_use_unqualified_type_names = True
