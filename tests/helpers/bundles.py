"""Bundles that no training is needed for."""

from dataclasses import replace

import keras
import numpy as np

from ravdess_exp.features.audio import AudioInput
from ravdess_exp.models.late import finished_model, head_name
from ravdess_exp.predict.bundle import Bundle, Member
from ravdess_exp.predict.facts import Facts, Score, UsedClip
from ravdess_exp.prepare.recipe import Recipe
from ravdess_exp.scoring.sureness import Threshold

CLASSES = ("calm", "angry")


def model_of(bias: float) -> keras.Model:
    """Two classes, whatever comes in: the softmax of (bias, 0)."""
    audio = keras.Input((24, 20, 1), name="audio")
    flat = keras.layers.Flatten()(audio)
    out = keras.layers.Dense(2, activation="softmax", kernel_initializer="zeros")(flat)
    model = keras.Model(audio, out)
    model.layers[-1].set_weights([np.zeros((480, 2)), np.array([bias, 0.0])])
    return model


def bundle_of(recipe: Recipe, bias: float = 0.0, **changes) -> Bundle:
    """A bundle of sound alone, standardised by training clips, with one member."""
    rows = np.arange(24, dtype=np.float32)[:, None]
    facts = Facts(
        name="a run",
        command="ravdess-exp",
        created="2026-11-27T00:00:00+00:00",
        train=(UsedClip("a", "01", "0" * 64),),
        validation=(UsedClip("b", "02", "1" * 64),),
        test=(UsedClip("c", f"{bias:g}", "2" * 64),),
        scores={"test/uar": Score(0.5, 0.4, 0.6)},
        missing_inputs=False,
        versions={"ravdess_exp": "0"},
        licences={"weights": "MIT"},
    )
    made = {
        "recipe": recipe,
        "modality": "audio",
        "classes": CLASSES,
        "members": (Member(model_of(bias), AudioInput("train", 20, rows, rows + 1)),),
        "facts": facts,
    }
    return Bundle(**made | changes)


def late_bundle_of(recipe: Recipe, classes: tuple[str, ...] = CLASSES, **changes) -> Bundle:
    """Sound and picture with a head each, of which the sound says the first class and the picture the
    second; it can do without one of them, and is sure from 0.8 on."""
    inputs = [
        keras.Input((24, 20, 1), name="audio"),
        keras.Input((recipe.crops, recipe.size, recipe.size, 3), name="video"),
    ]
    heads = {}
    for what, tensor, bias in zip(
        ("audio", "video"), inputs, ((1.0, 0.0), (0.0, 0.5)), strict=True
    ):
        dense = keras.layers.Dense(
            len(classes),
            activation="softmax",
            kernel_initializer="zeros",
            name=head_name(what),
            bias_initializer=keras.initializers.Constant([*bias, *[-2.0] * (len(classes) - 2)]),
        )
        heads[what] = dense(keras.layers.GlobalAveragePooling1D()(_flat(tensor)))
    model = finished_model(inputs, heads)
    member = Member(model, AudioInput("sample", 20, None, None))
    facts = replace(bundle_of(recipe).facts, missing_inputs=True, sure=Threshold(0.8, 0.8))
    made = {"modality": "both", "classes": classes, "members": (member,), "facts": facts}
    return bundle_of(recipe, **made | changes)


def _flat(tensor):
    """(B, 1, values)."""
    return keras.layers.Reshape((1, -1))(tensor)
