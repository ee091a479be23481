"""What is to be made of each clip, and under which names the store keeps it."""

from collections.abc import Sequence

from ravdess_exp.corpus.clip import Clip
from ravdess_exp.prepare.entries import Job
from ravdess_exp.prepare.recipe import Recipe
from ravdess_exp.prepare.store import ContentDigests, Store

_FAILURES = 2  # raised when a clip that failed may pass now, or fail for another reason


def plan_jobs(
    clips: Sequence[Clip], *, recipe: Recipe, store: Store, kinds: tuple[str, ...]
) -> tuple[dict[str, Job], dict[str, str], dict[str, str], dict[str, str]]:
    """By clip name its job, the digest of its content, that of its file; why a file cannot be read.

    kinds: of the entries that are made of each clip, besides its speech. A segment's content is that of
    its file, which is read once however many segments it has, and its two times.
    """
    digests = ContentDigests(store, longest=recipe.longest)
    settings = recipe.settings()
    # a failure belongs to all settings together: any of them may be its cause
    causes = {"kinds": list(kinds), "longest": recipe.longest, "version": _FAILURES}
    jobs, contents, files, failures = {}, {}, {}, {}
    for clip in clips:
        try:
            files[clip.name] = digests.of_file(clip.path, limited=clip.segment is None)
        except OSError as error:
            failures[clip.name] = f"cannot be read ({error.strerror})"
            continue
        content = files[clip.name]
        if clip.segment is not None:
            content = clip.segment.content(content)
        keys = {kind: store.key(kind, content, settings[kind]) for kind in settings}
        keys["unheard"] = store.key("unheard", content, settings["speech"])
        keys["failure"] = store.key("failure", content, settings | causes)
        contents[clip.name] = content
        jobs[clip.name] = Job(clip.name, clip.path, keys, ("speech", *kinds), clip.segment)
    digests.save()
    return jobs, contents, files, failures
