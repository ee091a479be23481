"""The parts of a model: audio encoder, visual backbone, temporal pooling, fusion."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ravdess_exp.config.schema.base import Component, Count, NotNegative, Place, Share, Widths
from ravdess_exp.config.schema.effect import Before
from ravdess_exp.models.applications import APPLICATIONS, SMALLEST_INPUT

Width = Count | None  # of a layer that null leaves out


class _OverTime(Component):
    read_padding: Annotated[bool, Before(True)]


class Blstm(_OverTime):
    target: Literal["ravdess_exp.models.audio_encoders.blstm"] = Field(alias="_target_")
    units: Count
    dense: Width
    dropout: Share
    l2: NotNegative


class Conv1dLstm(_OverTime):
    target: Literal["ravdess_exp.models.audio_encoders.conv1d_lstm"] = Field(alias="_target_")
    filters: Widths
    units: Count
    dense: Width
    dropout: Share
    momentum: Share


class Conv2d(Component):
    target: Literal["ravdess_exp.models.audio_encoders.conv2d"] = Field(alias="_target_")
    filters: Widths
    dense: Width
    dropout: Share
    momentum: Share


class DenseLayers(Component):
    target: Literal["ravdess_exp.models.audio_encoders.dense_layers"] = Field(alias="_target_")
    hidden: Count
    dense: Width
    dropout: Share


class Conv1dGru(_OverTime):
    target: Literal["ravdess_exp.models.audio_encoders.conv1d_gru"] = Field(alias="_target_")
    filters: Widths
    units: Count
    dense: Width
    dropout: Share
    momentum: Share


class Statistics(_OverTime):
    target: Literal["ravdess_exp.models.audio_encoders.statistics"] = Field(alias="_target_")
    filters: Annotated[list[Count], Field(max_length=5)]
    dense: Count
    dropout: Share
    momentum: Share


class Linear(_OverTime):
    target: Literal["ravdess_exp.models.audio_encoders.linear"] = Field(alias="_target_")
    values: Literal["all", "statistics"]

    @property
    def weightless(self) -> bool:
        """Nothing is learned in it."""
        return True


class _Backbone(Component):
    reference: Literal["none", "first", "both", "features"]
    dense: Width
    dropout: Share

    def smallest(self) -> int:
        """Side in pixels of the smallest crop it can take."""
        raise NotImplementedError


class _Plain(_Backbone):
    filters: Widths
    l2: NotNegative

    def smallest(self) -> int:
        """Each block halves the crop."""
        return 2 ** len(self.filters)


class Vgg(_Plain):
    target: Literal["ravdess_exp.models.backbones.vgg"] = Field(alias="_target_")
    convolutions: Annotated[int, Field(ge=1, le=4)] = 1  # configurations before 0.3 lack it


class Conv3d(_Plain):
    target: Literal["ravdess_exp.models.backbones.conv3d"] = Field(alias="_target_")


class Resnet(_Backbone):
    target: Literal["ravdess_exp.models.backbones.resnet"] = Field(alias="_target_")
    filters: Widths
    blocks: Count
    head: Literal["mean", "flatten"]
    momentum: Share

    def smallest(self) -> int:
        """The stem and each later stage halve the crop."""
        return 2 ** len(self.filters)


class Inception(_Backbone):
    target: Literal["ravdess_exp.models.backbones.inception"] = Field(alias="_target_")
    stem: Count
    cells: Widths
    head: Literal["mean", "flatten"]
    momentum: Share

    def smallest(self) -> int:
        """Pooling before each cell, and after the last where places are kept."""
        return 2 ** (len(self.cells) + (self.head == "flatten"))


class Gradients(_Backbone):
    target: Literal["ravdess_exp.models.gradients.gradients"] = Field(alias="_target_")
    reference: Literal["first"]
    cell: Annotated[int, Field(ge=2, le=256)]
    orientations: Annotated[int, Field(ge=2, le=36)]
    dense: Count
    momentum: Share
    needs_reference: ClassVar[bool] = True

    def smallest(self) -> int:
        """One cell."""
        return self.cell


class Pretrained(_Backbone):
    target: Literal["ravdess_exp.models.pretrained.pretrained"] = Field(alias="_target_")
    model: Literal[APPLICATIONS]
    weights: Place | None
    frozen_to: str | None
    resize: Annotated[int, Field(ge=16, le=1024)] | None
    reference: Literal["none", "features"]

    def smallest(self) -> int:
        """What Keras demands, unless crops are brought to another size first."""
        return 1 if self.resize else SMALLEST_INPUT.get(self.model, 32)


class _Weightless(Component):
    @property
    def weightless(self) -> bool:
        """Pooling by a formula has no weights."""
        return True


class MaxPooling(_Weightless):
    target: Literal["ravdess_exp.models.pooling.max_pooling"] = Field(alias="_target_")


class MeanPooling(_Weightless):
    target: Literal["ravdess_exp.models.pooling.mean_pooling"] = Field(alias="_target_")


class StatisticsPooling(_Weightless):
    target: Literal["ravdess_exp.models.pooling.statistics_pooling"] = Field(alias="_target_")


class _UnitsPooling(Component):
    units: Count


class Gru(_UnitsPooling):
    target: Literal["ravdess_exp.models.pooling.gru"] = Field(alias="_target_")


class Lstm(_UnitsPooling):
    target: Literal["ravdess_exp.models.pooling.lstm"] = Field(alias="_target_")


class Attention(_UnitsPooling):
    target: Literal["ravdess_exp.models.pooling.attention"] = Field(alias="_target_")


class _Fusion(Component):
    dense: Count
    dropout: Share
    l2: NotNegative


class Concat(_Fusion):
    target: Literal["ravdess_exp.models.fusion.concat"] = Field(alias="_target_")


class Blind(Component):
    target: Literal["ravdess_exp.models.fusion.blind"] = Field(alias="_target_")


class Gated(_Fusion):
    target: Literal["ravdess_exp.models.fusion.gated"] = Field(alias="_target_")


class Late(Component):
    target: Literal["ravdess_exp.models.late.Late"] = Field(alias="_target_")
    dropout: Share
    l2: NotNegative
    weights: Literal["equal", "validation"]
