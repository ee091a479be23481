"""What of a model is trained: its head, or the heads of a late fusion, each by its own loss."""

import keras

from ravdess_exp.models.late import fusion_of, heads_of
from ravdess_exp.models.outputs import output_of
from ravdess_exp.training.objective import score_metric


class Apart(keras.Model):
    """A late fusion in training: outputs are what is said together and then what each head says.

    The loss is the sum of the heads' own ones, and they share no weight, so each branch learns as
    it would alone. Metrics are of the fused output; `audio_uar` and `video_uar`, or `_ccc`, are the heads'.
    It shares its layers with the whole model, and is never saved.
    """

    def __init__(self, model: keras.Model, heads: dict[str, object]) -> None:
        super().__init__(model.inputs, [fusion_of(model).output, *heads.values()])
        self.of_heads = [score_metric(output_of(model), what) for what in heads]

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The sum over the heads, and what layers add for their weights."""
        of_heads = [self.loss(y, said, sample_weight=sample_weight) for said in y_pred[1:]]
        return sum([*of_heads, *self.losses])

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        """Those of the fused output, and the score by head."""
        for metric, said in zip(self.of_heads, y_pred[1:], strict=True):
            metric.update_state(y, said)
        return super().compute_metrics(x, y, y_pred[0], sample_weight)


def trained_part(model: keras.Model) -> keras.Model:
    """The part of a model that is trained, with the same layers: all but temperatures and units.

    A model that has no head by the names of `models.late` is trained as it is.
    """
    heads = heads_of(model)
    if not heads:
        return model
    if len(heads) > 1:
        return Apart(model, heads)
    return keras.Model(model.inputs, next(iter(heads.values())))
