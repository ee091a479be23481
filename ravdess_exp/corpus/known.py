"""The facts of every corpus that is known, by `data.source`."""

from dataclasses import replace

from ravdess_exp.corpus.facts import CorpusFacts
from ravdess_exp.corpus.named import TERMS
from ravdess_exp.corpus.ravdess.terms import RAVDESS, REENACTED, is_reenacted

_DEMO = CorpusFacts(
    title="ravdess_exp demo (generated, no people)",
    weights="MIT (trained on ravdess_exp's generated demo corpus)",
    hub="mit",
    about="""\
The demo corpus of ravdess_exp: faces that are drawn and voices that are synthesised. Nobody is in
it.""",
)
_SECOND_DEMO = replace(
    _DEMO,
    title="ravdess_exp's second demo (generated, no people)",
    weights="MIT (trained on ravdess_exp's second generated demo corpus)",
)
_OWN = "A corpus of the user's own. What is not written below about it is not known here."

_GENERATED = {"demo": _DEMO, "demo_table": _SECOND_DEMO}
_TITLES = {"several": "several corpora together"}


def facts_of(source: str, root: str = "") -> CorpusFacts:
    """Of a corpus. root: the folder of its clips, whose name may say more."""
    if source == "ravdess":
        return REENACTED if is_reenacted(root) else RAVDESS
    if source in _GENERATED:
        return _GENERATED[source]
    terms = TERMS.get(source)
    if terms is None:
        return CorpusFacts(
            title=_TITLES.get(source, source or "not known"),
            weights=f"that of the corpus {source}",
            about=_OWN,
        )
    return CorpusFacts(
        title=source, weights=terms.told(), about=_OWN, hub=terms.hub, language=terms.language
    )
