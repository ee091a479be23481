"""What is said of RAVDESS beside a model that was trained on it: whose work it is, and on what terms."""

from ravdess_exp.corpus.facts import CorpusFacts

RAVDESS = CorpusFacts(
    title="RAVDESS",
    weights="CC BY-NC-SA 4.0 (trained on RAVDESS, doi 10.5281/zenodo.1188976: no commercial "
    "use, share alike)",
    hub="cc-by-nc-sa-4.0",
    language="en",
    about="""\
RAVDESS (Livingstone & Russo 2018, PLoS ONE 13(5): e0196391, doi 10.5281/zenodo.1188976): 24 professional
actors of Toronto, Canada, 12 women and 12 men, who speak two English sentences in a studio and *act*
emotions that they were asked for.""",
)
REENACTED = CorpusFacts(
    title="clips re-enacted after RAVDESS (not RAVDESS)",
    weights=RAVDESS.weights,
    hub=RAVDESS.hub,
    language=RAVDESS.language,
    about="""\
Clips under RAVDESS's file names, in a folder that is named as re-enacted: other faces and voices perform
after RAVDESS. They are not RAVDESS.""",
    caution="The folder of the clips is named as re-enacted: other faces and voices perform after RAVDESS. "
    "These are not results on RAVDESS.",
)


def is_reenacted(root: str) -> bool:
    """Whether the folder of the clips says so."""
    return "reenact" in root.lower().replace("-", "")
