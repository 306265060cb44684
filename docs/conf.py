"""Sphinx settings; `python3 -m docs.builder` calls Sphinx with them."""

from datetime import date

from anodefem import __version__

project = "anodefem"
author = "anodefem developers"
copyright = f"{date.today().year}, {author}"
version = release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "docs.builder.docstrings",
]
myst_enable_extensions = ["attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

# Formulas are drawn as outlines, so that no font has to be there; docs.builder copies the program.
mathjax_path = "mathjax.js"
mathjax3_config = {
    # what cannot be read is an error that a test finds, not red text
    "tex": {"packages": {"[-]": ["noerrors", "noundefined"]}},
    "svg": {"fontCache": "global"},
    # the menu and its explorer would load files that are not copied
    "options": {"enableMenu": False},
}

smartquotes = False  # options and quoted values are to be copied
default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
# in its short form a type hint may stand for two classes of one name in different modules
suppress_warnings = ["ref.python"]
python_maximum_signature_line_length = 88
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = f"anodefem {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_show_search_summary = False  # a page from disk may not read other pages
html_theme_options = {"sidebar_hide_name": False}
templates_path = ["_templates"]
exclude_patterns = ["builder"]
