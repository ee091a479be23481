"""Which speakers train, validate and test: a section for each of `conf/split`."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ravdess_exp.config.schema.base import Actor, Actors, Component, Count


class FixedSplit(Component):
    target: Literal["ravdess_exp.corpus.split.FixedSplit"] = Field(alias="_target_")
    train: Actors
    validation: Actors
    test: Actors


class StatementSplit(Component):
    target: Literal["ravdess_exp.corpus.split.StatementSplit"] = Field(alias="_target_")
    train: Actors
    validation: Actors
    test: Actors
    test_statement: Count | Annotated[str, Field(min_length=1)]


class OwnSplit(Component):
    draws: ClassVar[bool] = True
    target: Literal["ravdess_exp.corpus.split.OwnSplit"] = Field(alias="_target_")
    validation_share: Annotated[float, Field(gt=0, lt=0.5)]
    test_share: Annotated[float, Field(gt=0, lt=0.5)]
    seed: int
    shared_speakers: Literal["refused", "accepted"]


class GroupedKFold(Component):
    draws: ClassVar[bool] = True
    fold_key: ClassVar[str] = "fold"
    target: Literal["ravdess_exp.corpus.split.GroupedKFold"] = Field(alias="_target_")
    folds: Annotated[int, Field(ge=3)]
    fold: Annotated[int, Field(ge=0)]
    seed: int


class LeakyKFold(GroupedKFold):
    target: Literal["ravdess_exp.corpus.split.LeakyKFold"] = Field(alias="_target_")


class LeaveOneSpeakerOut(Component):
    draws: ClassVar[bool] = True
    fold_key: ClassVar[str] = "test_actor"
    target: Literal["ravdess_exp.corpus.split.LeaveOneSpeakerOut"] = Field(alias="_target_")
    test_actor: Actor
    validation_actors: Count
    seed: int
