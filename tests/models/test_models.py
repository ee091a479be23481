"""Every option builds, trains a step, saves, loads and predicts the same; layers do what they say."""

from functools import partial
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from ravdess_exp.config.check import conf_dir, validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.corpus.ravdess.labels import Classes
from ravdess_exp.errors import ConfigError
from ravdess_exp.models.applications import APPLICATIONS, SMALLEST_INPUT
from ravdess_exp.models.backbones import _residual, given, vgg
from ravdess_exp.models.fusion import gated
from ravdess_exp.models.layers import (
    ApplicationInput,
    BiasRelu,
    FoldChanges,
    FoldFrames,
    LessFirstFrame,
    StandardiseClip,
    UnfoldFrames,
)
from ravdess_exp.models.pooling import attention, max_pooling, mean_pooling, statistics_pooling
from ravdess_exp.models.pretrained import pretrained
from ravdess_exp.prepare.entries import picture_of
from ravdess_exp.run.build import build, build_parts
from ravdess_exp.run.clips import build_recipe
from ravdess_exp.run.inputs import untrained_model
from ravdess_exp.training.apart import trained_part
from ravdess_exp.training.dataset import Batches, Samples
from ravdess_exp.training.fit import compile_model, make_variables
from ravdess_exp.training.seeding import seed_everything
from scripts.plain_models import plain, same_weights
from tests.training.test_dataset import CLIPS

PARTS = ("audio_encoder", "visual", "pooling", "fusion", "training")
OPTIONS = [
    (group, path.stem) for group in PARTS for path in sorted(Path(conf_dir(), group).glob("*.yaml"))
]
MODALITIES = [("modality", name) for name in ("both", "audio", "video")]
LABELS = [("data.one_hot", "true"), ("data.classes", "8"), ("training.label_smoothing", "0.1")]
FRAMES = [
    ("frames.reference", "onset"),
    ("frames.count", "2"),
    ("frames.colour", "gray"),
    ("frames.size", "64"),
]


def audio_options(group: str) -> list[str]:
    return sorted(path.stem for path in Path(conf_dir(), group).glob("*.yaml"))


FEATURES, ENCODERS = audio_options("audio"), audio_options("audio_encoder")
AUDIO_SHAPES = {
    "mfcc": (24, 30, 1),
    "logmel": (64, 30, 1),
    "mfcc_mean": (24, 1),
    "egemaps": (88, 1),
    "contours": (183, 30, 1),
    # a tenth of what they are, as the next ones: quicker, and no other shape
    "functionals": (1129, 1),
    "compare": (637, 1),
    "several": (1146, 1),
    "whisper": (1536, 1),
    "onnx": (64, 1),
    "whisper_functionals": (1590, 1),
    "whisper_kernels": (1141, 1),
}


def samples_for(config, rng, audio_shape: tuple = AUDIO_SHAPES["mfcc"]) -> Samples:
    channels = 1 if config.frames.colour == "gray" else 3
    recipe = build_recipe(config)
    faces = rng.integers(
        0, 256, (10, recipe.crops, recipe.size, recipe.size, channels), dtype=np.uint8
    )
    if recipe.picture is not None:
        faces = np.stack([picture_of(crops, recipe) for crops in faces])
    audio = rng.normal(size=(10, *audio_shape)).astype(np.float32)
    return Samples(
        clips=CLIPS,
        audio=None if config.modality == "video" else audio,
        faces=None if config.modality == "audio" else faces,
        labels=np.arange(10) % config.data.classes,
        names=Classes(config.data.classes).names,
        one_hot=config.data.one_hot,
    )


@pytest.mark.parametrize(("group", "option"), [*OPTIONS, *MODALITIES, *LABELS, *FRAMES])
def test_every_option_trains_saves_and_loads(group, option, rng, tmp_path):
    config = validate(compose_config(["frames.size=32", f"{group}={option}"]))
    learning = 0.0 if option == "blind" else 0.8  # it learns how frequent the classes are, no more
    train_save_and_load(config, samples_for(config, rng), tmp_path, learning=learning)


@pytest.mark.parametrize(
    ("feature", "encoder"),
    # an encoder sees shapes alone: with a time axis and without
    sorted(
        {(f, "statistics") for f in FEATURES}
        | {(f, e) for f in ("logmel", "mfcc_mean") for e in ENCODERS}
    ),
)
def test_every_encoder_takes_every_feature(feature, encoder, rng, tmp_path):
    config = validate(
        compose_config([f"audio={feature}", f"audio_encoder={encoder}", "modality=audio"])
    )
    # of a single step, an LSTM's recurrent weights and the attention over it learn nothing
    learning = 0.8 if len(AUDIO_SHAPES[feature]) == 3 else 0.4
    samples = samples_for(config, rng, AUDIO_SHAPES[feature])
    train_save_and_load(config, samples, tmp_path, learning=learning)


def test_a_single_frame(rng, tmp_path):
    one = ["frames.count=1", "visual=vgg", "visual.reference=none", "modality=video"]
    config = validate(compose_config(one))
    train_save_and_load(config, samples_for(config, rng), tmp_path)


def train_save_and_load(config, samples, tmp_path, *, learning: float = 0.8) -> None:
    seed_everything(0)
    model = untrained_model(build(config), samples)
    assert model.output_shape == (None, config.data.classes)
    batches = Batches(samples, batch_size=5)
    part = trained_part(model)
    compile_model(part, settings=config.training, train=batches)
    make_variables(part, batches)
    before = [np.array(weight) for weight in model.trainable_weights]
    part.fit(batches.dataset(), epochs=2, verbose=0)  # a head that begins at 0 teaches nothing yet
    after = model.trainable_weights
    moved = [not np.array_equal(a, np.array(b)) for a, b in zip(before, after, strict=True)]
    assert np.mean(moved) > learning, "a step moves the weights of all parts"
    inputs = samples.inputs(range(10))
    probabilities = outputs(model, inputs)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(outputs(loaded, inputs), probabilities)


def outputs(model: keras.Model, inputs) -> np.ndarray:
    """As `predict` gives them, without the half second in which it traces a model."""
    return np.asarray(model(inputs, training=False))


def test_default_model_is_the_one_documented(rng):
    config = validate(compose_config([]))
    model = untrained_model(build(config), samples_for(config, rng, AUDIO_SHAPES["contours"]))
    shapes = {tensor.name: tensor.shape[1:] for tensor in model.inputs}
    assert shapes == {"audio": (183, 30, 1), "video": (1 + 6, 64, 64, 3)}
    kinds = {type(layer).__name__ for layer in model.layers}
    assert {"StepStatistics", "StepChanges", "EdgesAndMotion", "LateProduct"} <= kinds
    heads = {layer.name: layer.units for layer in model.layers if isinstance(layer, layers.Dense)}
    assert heads["audio_emotion"] == heads["video_emotion"] == 7


def test_folded_frames_are_time_distributed(rng):
    """Our VGG is the plain one: convolution, bias, ReLU, pooling, applied to each frame."""
    faces = keras.Input((6, 32, 32, 3))
    ours = keras.Model(
        faces, vgg(faces, reference="none", filters=[4, 8], dense=5, dropout=0.0, l2=0.0)
    )
    for weight in ours.weights:
        weight.assign(rng.normal(0, 0.2, weight.shape))

    frame = keras.Input((32, 32, 3))
    x = frame
    for width in (4, 8):
        x = layers.MaxPooling2D()(layers.Conv2D(width, 3, padding="same", activation="relu")(x))
    x = layers.Dense(5, activation="relu")(layers.Flatten()(x))
    plain_frame = keras.Model(frame, x)
    plain = keras.Model(faces, layers.TimeDistributed(plain_frame)(faces))
    plain_frame.set_weights(ours.get_weights())
    images = rng.random((3, 6, 32, 32, 3), dtype=np.float32)
    np.testing.assert_allclose(outputs(ours, images), outputs(plain, images), atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("visual", ["vgg", "resnet", "inception"])
def test_ours_is_the_same_function_as_the_plain_model(rng, visual):
    """What the benchmark of training compares computes the same from the same weights."""
    parts = ["audio_encoder=blstm", "audio_encoder.units=4", "pooling=max", "fusion=concat"]
    config = validate(compose_config([*parts, f"visual={visual}"]))
    shapes = {"audio_shape": (24, 20, 1), "video_shape": (7, 64, 64, 3)}
    ours = build_parts(config).model(**shapes, classes=7)
    written_plainly = plain(config, **shapes, classes=7)
    for weight in ours.weights:
        noise = rng.uniform(0.5, 1.5, weight.shape) if "variance" in weight.path else None
        drawn = rng.normal(0, 0.1, weight.shape) if noise is None else noise
        if "float" in weight.dtype:
            weight.assign(drawn)
    same_weights(ours, written_plainly)
    inputs = [rng.random((3, *shape), dtype=np.float32) for shape in shapes.values()]
    one, two = (outputs(model, inputs) for model in (ours, written_plainly))
    assert one.std() > 0.01, "the weights make a difference"
    np.testing.assert_allclose(one, two, atol=1e-4)
    assert any(isinstance(layer, layers.TimeDistributed) for layer in written_plainly.layers)
    assert not any(isinstance(layer, layers.TimeDistributed) for layer in ours.layers)


def test_fold_and_unfold_are_inverse(rng):
    frames = rng.normal(size=(2, 3, 4, 4, 1)).astype(np.float32)
    folded = FoldFrames()(frames)
    assert folded.shape == (6, 4, 4, 1)
    np.testing.assert_array_equal(folded[4], frames[1, 1])
    flat = np.reshape(frames, (6, 16))
    np.testing.assert_array_equal(UnfoldFrames(3)(flat)[1, 1], flat[4])


def test_the_first_frame_is_computed_once_for_all_clips(rng):
    """Same outputs and same gradients as with every clip's own first frame, which is zero."""
    from ravdess_exp.models.backbones import _plain, frame_features, relative_faces

    shape = (6, 16, 16, 3)
    settings = {"reference": "first", "filters": [4, 8], "dense": 5, "dropout": 0.0, "l2": 0.0}
    faces = keras.Input(shape)
    shared = keras.Model(faces, vgg(faces, **settings))
    faces = keras.Input(shape)
    x = FoldFrames()(relative_faces(faces, reference="first"))
    for width in settings["filters"]:
        x = _plain(x, layers.Conv2D, width, layers.MaxPooling2D(), None)
    each = keras.Model(faces, frame_features(x, frames=6, reference="first", dense=5, dropout=0.0))
    for one, two in zip(shared.weights, each.weights, strict=True):
        one.assign(rng.normal(0, 0.3, one.shape))
        two.assign(one)
    clips = rng.random((3, *shape), dtype=np.float32)
    found = []
    for model in (shared, each):
        with tf.GradientTape() as tape:
            output = model(clips)
            loss = tf.reduce_sum(output**2)
        found.append([output, *tape.gradient(loss, model.trainable_variables)])
    assert any(isinstance(layer, FoldChanges) for layer in shared.layers)
    for one, two in zip(*found, strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-4, atol=1e-5)


def test_reference_takes_the_person_out(rng):
    """The same movement on two faces of different colour and contrast looks the same."""
    movement = rng.normal(size=(1, 6, 8, 8, 3))
    movement[:, 0] = 0
    still = rng.normal(size=(1, 1, 8, 8, 3))
    clip = (0.1 * movement + still).astype(np.float32)
    twice = (2 * clip + 0.5).astype(np.float32)
    one, two = (LessFirstFrame()(StandardiseClip()(c)).numpy() for c in (clip, twice))
    np.testing.assert_allclose(one, two, atol=5e-3)
    assert not one[:, 0].any() and one[:, 1:].any()
    for colour in range(3):
        pair = one[..., colour].ravel(), movement[..., colour].ravel()
        assert np.corrcoef(*pair)[0, 1] > 0.999


def test_standardised_clip(rng):
    clip = StandardiseClip()(rng.normal(5, 3, (2, 6, 8, 8, 3)).astype(np.float32)).numpy()
    np.testing.assert_allclose(clip.mean(axis=(1, 2, 3)), 0, atol=1e-4)
    np.testing.assert_allclose(clip.std(axis=(1, 2, 3)), 1, atol=1e-2)


def test_bias_relu(rng):
    layer = BiasRelu()
    x = rng.normal(size=(2, 3, 3, 4)).astype(np.float32)
    np.testing.assert_array_equal(layer(x), np.maximum(x, 0))
    layer.bias.assign([1.0, -1.0, 0.0, 100.0])
    np.testing.assert_allclose(layer(x), np.maximum(x + [1, -1, 0, 100], 0), rtol=1e-6)


BACKBONES = [
    name
    for name in audio_options("visual")
    if name != "pretrained"
    and "models.backbones" in Path(conf_dir(), "visual", f"{name}.yaml").read_text()
]
POOLINGS = audio_options("pooling")


def backbone(name: str, reference: str):
    config = validate(compose_config([f"visual={name}", f"visual.reference={reference}"]))
    return config.visual.partial()


@pytest.mark.parametrize("frames", [1, 6])
@pytest.mark.parametrize("reference", ["none", "first", "both", "features"])
@pytest.mark.parametrize("name", BACKBONES)
def test_backbones_keep_a_time_axis(name, reference, frames, rng):
    faces = keras.Input((frames, 32, 32, 3))
    model = keras.Model(faces, backbone(name, reference)(faces))
    assert model.output_shape == (None, frames, 128)
    seen = rng.random((2, frames, 32, 32, 3), dtype=np.float32)
    found = outputs(model, seen)
    assert found.shape == (2, frames, 128) and np.isfinite(found).all()
    if reference == "features":
        assert not found[:, 0].any(), "the first frame differs in nothing from itself"


@pytest.mark.parametrize("reference", ["none", "first", "both", "features"])
@pytest.mark.parametrize("name", BACKBONES)
def test_a_reference_apart_is_taken_out_and_dropped(name, reference, rng):
    """Frames equal to it differ from it in nothing; as many come out as there are frames."""
    faces = keras.Input((4, 32, 32, 3))
    take = partial(backbone(name, reference), starts_apart=True)
    model = keras.Model(faces, take(faces))
    assert model.output_shape == (None, 3, 128)
    seen = rng.random((1, 4, 32, 32, 3), dtype=np.float32)
    still, other = np.repeat(seen[:, :1], 4, axis=1), seen.copy()
    other[:, 0] = rng.random((32, 32, 3), dtype=np.float32)
    before, after, rest = (outputs(model, x) for x in (seen, other, still))
    assert (np.abs(before - after).max() > 1e-4) == (reference != "none")
    if reference == "features" and name != "conv3d":  # which sees that nothing was before
        assert np.abs(before).max() > 0 and not rest.any()


def test_the_features_less_a_reference_apart_are_those_of_the_onset(rng):
    """The same weights: a first frame that stays and one that is dropped differ in that row alone."""
    keys = {"reference": "first", "filters": [4, 8], "dense": 5, "dropout": 0.0, "l2": 0.0}
    models = []
    for apart in (False, True):
        faces = keras.Input((4, 16, 16, 3))
        models.append(keras.Model(faces, vgg(faces, **keys, starts_apart=apart)))
    models[1].set_weights([rng.normal(0, 0.3, w.shape) for w in models[0].weights])
    models[0].set_weights(models[1].get_weights())
    seen = rng.random((2, 4, 16, 16, 3), dtype=np.float32)
    with_it, without = (outputs(model, seen) for model in models)
    np.testing.assert_allclose(without, with_it[:, 1:], atol=1e-5)


def test_given_features_are_taken_as_they_are():
    features = keras.Input((6, 12))
    assert given(features, dense=None, dropout=0.0) is features
    assert given(features, dense=3, dropout=0.5).shape == (None, 6, 3)


@pytest.mark.parametrize("name", [name for name in BACKBONES if name != "conv3d"])
def test_a_frame_is_seen_by_itself(name, rng):
    """Without reference, changing one frame changes the features of that frame alone."""
    faces = keras.Input((4, 32, 32, 3))
    model = keras.Model(faces, backbone(name, "none")(faces))
    one = rng.random((1, 4, 32, 32, 3), dtype=np.float32)
    other = one.copy()
    other[:, 2] = rng.random((32, 32, 3), dtype=np.float32)
    difference = np.abs(outputs(model, one) - outputs(model, other)).sum(axis=2)
    assert difference[0, 2] > 1e-3 and not difference[0, [0, 1, 3]].round(5).any()


def test_conv3d_sees_movement(rng):
    """A frame's features depend on the frames about it."""
    faces = keras.Input((6, 32, 32, 3))
    model = keras.Model(faces, backbone("conv3d", "none")(faces))
    one = rng.random((1, 6, 32, 32, 3), dtype=np.float32)
    other = one.copy()
    other[:, 2] = 1 - other[:, 2]
    difference = np.abs(outputs(model, one) - outputs(model, other)).sum(axis=2)
    assert difference[0, [1, 3]].min() > 1e-4


def test_resnet_adds_its_shortcuts(rng):
    """With all convolutions of a block at 0 only the shortcut is left: relu(x) = x."""
    image = keras.Input((8, 8, 4))
    model = keras.Model(image, _residual(image, 4, 1, 0.9))
    for weight in model.weights:
        if weight.name == "kernel":
            weight.assign(np.zeros(weight.shape))
    seen = rng.random((2, 8, 8, 4), dtype=np.float32)
    np.testing.assert_allclose(outputs(model, seen), seen, atol=1e-6)


def test_features_reference_is_the_difference_of_features(rng):
    """The same network on each frame, then the first frame's features taken out."""
    faces = keras.Input((3, 32, 32, 3))
    keys = {"filters": [4], "dense": 5, "dropout": 0.0, "l2": 0.0}
    relative = keras.Model(faces, vgg(faces, reference="features", **keys))
    seen = rng.random((2, 3, 32, 32, 3), dtype=np.float32)
    dense = next(layer for layer in relative.layers if isinstance(layer, layers.Dense))
    linear = outputs(keras.Model(faces, dense.output), seen).reshape(2, 3, 5)
    expected = np.maximum(linear - linear[:, :1], 0)
    np.testing.assert_allclose(outputs(relative, seen), expected, atol=1e-4)


@pytest.mark.parametrize("name", POOLINGS)
def test_poolings_take_any_number_of_frames(name):
    pooling = validate(compose_config([f"pooling={name}"])).pooling.partial()
    for frames in (1, 2, 6):
        features = keras.Input((frames, 12))
        assert len(pooling(features).shape) == 2


def test_max_and_mean_pooling(rng):
    features = rng.normal(size=(2, 6, 5)).astype(np.float32)
    np.testing.assert_array_equal(max_pooling(features), features.max(axis=1))
    np.testing.assert_allclose(mean_pooling(features), features.mean(axis=1), atol=1e-6)


def test_statistics_pooling(rng):
    features = rng.normal(size=(2, 6, 5)).astype(np.float32)
    parts = [features.mean(1), features.std(1), features.max(1), features.min(1)]
    found = statistics_pooling(features)
    np.testing.assert_allclose(found, np.concatenate(parts, axis=1), atol=1e-5)
    still = tf.constant(np.repeat(features[:, :1], 6, axis=1))
    with tf.GradientTape() as tape:
        tape.watch(still)
        total = tf.reduce_sum(statistics_pooling(still))
    assert np.isfinite(tape.gradient(total, still)).all()


def test_attention_is_a_weighted_mean(rng):
    """All frames equal: that frame; else within the range of the frames, in each feature."""
    features = keras.Input((6, 5))
    model = keras.Model(features, attention(features, units=4))
    still = np.repeat(rng.normal(size=(2, 1, 5)), 6, axis=1).astype(np.float32)
    np.testing.assert_allclose(outputs(model, still), still[:, 0], atol=1e-5)
    moving = rng.normal(size=(2, 6, 5)).astype(np.float32)
    found = outputs(model, moving)
    assert (found <= moving.max(axis=1)).all() and (found >= moving.min(axis=1)).all()
    assert not np.allclose(found, moving.mean(axis=1))


@pytest.mark.parametrize("name", ["gru", "lstm"])
def test_recurrent_poolings_know_the_order(name, rng):
    config = validate(compose_config([f"pooling={name}"]))
    features = keras.Input((6, 5))
    model = keras.Model(features, config.pooling.partial()(features))
    seen = rng.normal(size=(1, 6, 5)).astype(np.float32)
    backwards = outputs(model, seen[:, ::-1])
    assert not np.allclose(outputs(model, seen), backwards)


def test_gated_fusion_weighs_the_branches(rng):
    """With all weight on one branch, the other one does not matter."""
    branches = [keras.Input((4,)), keras.Input((6,))]
    model = keras.Model(branches, gated(branches, dense=3, dropout=0.0, l2=0.0))
    gate = model.get_layer("branch_weights")
    gate.set_weights([np.zeros((10, 2)), np.array([50.0, -50.0])])
    sound = rng.normal(size=(5, 4)).astype(np.float32)
    pictures = [rng.normal(size=(5, 6)).astype(np.float32) for _ in range(2)]
    one, two = (outputs(model, [sound, picture]) for picture in pictures)
    np.testing.assert_allclose(one, two, atol=1e-6)
    gate.set_weights([np.zeros((10, 2)), np.zeros(2)])
    one, two = (outputs(model, [sound, picture]) for picture in pictures)
    assert not np.allclose(one, two)


def pretrained_model(tmp_path=None, **changes) -> keras.Model:
    faces = keras.Input((2, 32, 32, 3))
    keys = {"model": "MobileNetV2", "weights": None, "frozen_to": None, "resize": None}
    keys |= {"reference": "none", "dense": 8, "dropout": 0.0, **changes}
    return keras.Model(faces, pretrained(faces, **keys))


def network_of(model: keras.Model) -> keras.Model:
    return next(layer for layer in model.layers if isinstance(layer, keras.Model))


def test_weights_of_a_pretrained_network_come_from_a_file(tmp_path, rng):
    path = tmp_path / "mine.weights.h5"
    network_of(pretrained_model()).save_weights(path)
    saved = pretrained_model(weights=str(path))
    again = pretrained_model(weights=str(path))
    for a, b in zip(network_of(saved).weights, network_of(again).weights, strict=True):
        np.testing.assert_array_equal(a, b)
    fresh = network_of(pretrained_model()).weights
    pairs = zip(network_of(saved).weights, fresh, strict=True)
    assert any(not np.array_equal(a, b) for a, b in pairs)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file"),
        (b"not a file of weights", "cannot be used as weights of MobileNetV2"),
    ],
)
def test_a_bad_file_of_weights(tmp_path, content, message):
    path = tmp_path / "bad.weights.h5"
    if content:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        pretrained_model(weights=str(path))


@pytest.mark.filterwarnings("ignore:Skipping")
def test_weights_of_another_network_do_not_fit(tmp_path):
    path = tmp_path / "vgg.weights.h5"
    network = keras.applications.MobileNet(include_top=False, weights=None, input_shape=(32, 32, 3))
    network.save_weights(path)
    with pytest.raises(ConfigError, match=r"visual\.weights=.*vgg\.weights\.h5: cannot be used"):
        pretrained_model(weights=str(path))


def test_frozen_layers_do_not_learn():
    model = pretrained_model(frozen_to="block_3_expand")
    network = network_of(model)
    names = [layer.name for layer in network.layers]
    last = names.index("block_3_expand")
    assert not any(layer.trainable for layer in network.layers[: last + 1])
    assert all(layer.trainable for layer in network.layers[last + 1 :])
    assert not network_of(pretrained_model(frozen_to="all")).trainable_weights
    with pytest.raises(ConfigError, match="frozen_to=block_3_expnd: no such layer.*block_3_expand"):
        pretrained_model(frozen_to="block_3_expnd")


@pytest.mark.parametrize("name", ["MobileNetV2", "ResNet50", "VGG16", "EfficientNetB0"])
def test_each_network_gets_the_input_it_was_trained_on(name, rng):
    images = rng.random((2, 8, 8, 3), dtype=np.float32)
    module = {"MobileNetV2": "mobilenet_v2", "ResNet50": "resnet", "VGG16": "vgg16",
              "EfficientNetB0": "efficientnet"}[name]  # fmt: skip
    preprocess = getattr(keras.applications, module).preprocess_input
    expected = preprocess(images.copy() * 255)
    np.testing.assert_allclose(ApplicationInput(name)(images), expected, atol=1e-3)


def test_a_pretrained_network_takes_gray_and_other_sizes(rng, tmp_path):
    overrides = ["visual=pretrained", "frames.colour=gray", "frames.size=32", "visual.resize=48"]
    config = validate(compose_config([*overrides, "visual.frozen_to=all", "modality=video"]))
    train_save_and_load(config, samples_for(config, rng), tmp_path)


def test_the_list_of_applications_is_keras():
    there = {name for name in dir(keras.applications) if name[0].isupper()}
    assert set(APPLICATIONS) == there


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALLEST_INPUT)
def test_the_smallest_input_is_keras(name):
    build = getattr(keras.applications, name)
    side = SMALLEST_INPUT[name]
    with pytest.raises(ValueError, match=f"at least {side}"):
        build(include_top=False, weights=None, input_shape=(side - 1, side - 1, 3))
