"""How much of the decision came from the sound and how much from the picture."""

from collections.abc import Mapping
from dataclasses import replace

import keras
import numpy as np
from keras import ops

from ravdess_exp.explain.evidence import Listener, evidence_of
from ravdess_exp.explain.occlusion import Occluder
from ravdess_exp.models.late import heads_of
from ravdess_exp.predict.inputs import tensors


def branch_evidence(
    listener: Listener, occluder: Occluder | None, *, missing_inputs: bool
) -> tuple[dict[str, float], str]:
    """Evidence by `audio` and `video`, of those that there are, and by which method.

    Of a product of branches (fusion=late) it is what each branch's head says, by temperature and
    weight: they add up to the model's own. Else what is lost without the input: with zeros in its
    place, which are the mean training clip, or a missing one where the model was trained with missing
    inputs; crops of a model that was not are hidden instead (`Occluder`).
    """
    inputs = listener.inputs
    given = {"audio": inputs.feature is not None, "video": inputs.faces is not None}
    taken = {tensor.name for member in listener.members for tensor in member.model.inputs}
    there = [what for what, is_given in given.items() if is_given and what in taken]
    if len(there) == 1:
        return {there[0]: listener.base}, "the only input"
    if all(len(heads_of(member.model)) > 1 for member in listener.members):
        each = [_of_product(listener, number) for number in range(len(listener.members))]
        return {what: float(np.mean([one[what] for one in each])) for what in there}, (
            "log-probabilities of each branch, by its weight"
        )
    crops = inputs.faces.ndim == 4
    unseen = occluder.without_picture() if crops and not missing_inputs else None
    without = {
        "audio": replace(inputs, feature=None),
        "video": unseen or replace(inputs, faces=None),
    }
    lost = listener.importance(without[what] for what in there)
    return dict(zip(there, map(float, lost), strict=True)), "without the input"


def shares(evidence: Mapping[str, float]) -> dict[str, float]:
    """What each input has of all evidence, for or against: they sum to 1, or are all 0."""
    if len(evidence) == 1:
        return dict.fromkeys(evidence, 1.0)
    total = sum(map(abs, evidence.values()))
    return {what: abs(of) / total if total else 0.0 for what, of in evidence.items()}


def _of_product(listener: Listener, number: int) -> dict[str, float]:
    """What each factor of a `LateProduct` adds to the evidence of this member; 0 where it drops out."""
    member = listener.members[number]
    model, heads = member.model, heads_of(member.model)
    heard = keras.Model(model.inputs, list(heads.values()))
    given = tensors(member, listener.inputs)
    said = heard.predict_on_batch(given)
    product, last = model.get_layer("product"), model.get_layer("emotion")
    weight, temperature, sharpness = (
        ops.convert_to_numpy(of) for of in (product.weight, product.temperature, last.temperature)
    )
    raw = dict(zip((tensor.name for tensor in model.inputs), given, strict=True))
    present = np.array([raw[what].any() for what in heads])
    share = weight * present
    share = share * present.sum() / max(float(share.sum()), 1e-6)  # as the layer scales them
    return {
        what: float(evidence_of(of[0], listener.explained) * by / cool / sharpness)
        for what, of, by, cool in zip(heads, said, share, temperature, strict=True)
    }
