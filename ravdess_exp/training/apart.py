"""What of a model is trained: its head, or the heads of a late fusion, each by its own loss."""

import keras

from ravdess_exp.models.late import heads_of
from ravdess_exp.training.losses import Uar


class Apart(keras.Model):
    """A late fusion in training: outputs are the fused probabilities and then those of each head.

    The loss is the sum of the heads' own ones, and they share no weight, so each branch learns as
    it would alone. Metrics are of the fused output; `audio_uar` and `video_uar` are the heads'. It
    shares its layers with the whole model, and is never saved.
    """

    def __init__(self, model: keras.Model, heads: dict[str, object]) -> None:
        super().__init__(model.inputs, [model.get_layer("product").output, *heads.values()])
        classes = model.output_shape[-1]
        self.of_heads = [Uar(classes, name=f"{what}_uar") for what in heads]

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The sum over the heads, and what layers add for their weights."""
        of_heads = [self.loss(y, said, sample_weight=sample_weight) for said in y_pred[1:]]
        return sum([*of_heads, *self.losses])

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        """Those of the fused output, and UAR by head."""
        for metric, said in zip(self.of_heads, y_pred[1:], strict=True):
            metric.update_state(y, said)
        return super().compute_metrics(x, y, y_pred[0], sample_weight)


def trained_part(model: keras.Model) -> keras.Model:
    """The part of a model that is trained, with the same layers: all but its temperatures.

    A model that has no head by the names of `models.late` is trained as it is.
    """
    heads = heads_of(model)
    if not heads:
        return model
    if len(heads) > 1:
        return Apart(model, heads)
    return keras.Model(model.inputs, next(iter(heads.values())))
