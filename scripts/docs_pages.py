"""MkDocs hook: what lies outside docs/ as pages of the site, and the notebook as one.

Links are written for a reader of the repository; on the site the same page has another name.
"""

import json
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
PAGES = {"README.md": "index.md", "CONTRIBUTING.md": "house.md", "CHANGELOG.md": "changes.md"}
NOTEBOOK = "tour.ipynb"
_LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages whose text lies elsewhere."""
    for source, page in PAGES.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=with_links(text)))
    notebook = json.loads((ROOT / "docs" / NOTEBOOK).read_text(encoding="utf-8"))
    page = NOTEBOOK.replace(".ipynb", ".md")
    files.append(File.generated(config, page, content=as_markdown(notebook)))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """The text of a page with the site's names in its links."""
    return with_links(markdown)


def with_links(text: str) -> str:
    """Links to README.md, docs/X.md, ../CONTRIBUTING.md and the notebook as the site names them."""

    def named(match: re.Match) -> str:
        target = match[1].removeprefix("../").removeprefix("docs/")
        return f"]({PAGES.get(target, target.replace('.ipynb', '.md'))}"

    return _LINK.sub(named, text)


def as_markdown(notebook: dict) -> str:
    """Its cells in order, code and what it gave; tables and pictures as they are."""
    parts = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
            continue
        parts.append(f"```python\n{source}\n```")
        parts += [_output(output) for output in cell["outputs"]]
    return "\n\n".join(parts)


def _output(output: dict) -> str:
    """One output: a table's HTML, a picture, or text."""
    data = output.get("data", {})
    if "text/html" in data:
        return re.sub(r"<style.*?</style>\s*", "", "".join(data["text/html"]), flags=re.DOTALL)
    if "image/png" in data:
        return f'<img alt="figure" src="data:image/png;base64,{data["image/png"].strip()}">'
    text = "".join(data.get("text/plain", output.get("text", "")))
    return f"```text\n{text.rstrip()}\n```"
