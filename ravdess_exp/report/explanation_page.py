"""An explanation as one HTML file that fetches nothing."""

from importlib import resources

import jinja2

from ravdess_exp.explain.explanation import Explanation
from ravdess_exp.report.explanation_figure import explanation_figure
from ravdess_exp.report.explanation_text import explanation_lines
from ravdess_exp.report.inline import as_data


def explanation_page(of: Explanation) -> str:
    """The picture, and beside it the same in sentences, which are the picture's alternative text."""
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    source = resources.files("ravdess_exp.report").joinpath("explanation.html")
    template = environment.from_string(source.read_text(encoding="utf-8"))
    picture = as_data(explanation_figure(of))
    return template.render(of=of, lines=explanation_lines(of), picture=picture)
