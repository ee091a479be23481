"""Every run starts from the same state, whatever its process did before."""

import gc

import keras
import tensorflow as tf
from tensorflow.python.framework.ops import gradient_registry


def seed_everything(seed: int) -> None:
    """Python, NumPy and TensorFlow, and a fresh Keras: runs of one process do not differ."""
    forget_earlier_models()
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def forget_earlier_models() -> None:
    """Free what the runs before this one left, so that a study's memory stays flat.

    TensorFlow 2.21 registers a gradient for each training step that it traces and never drops it,
    and the whole graph with it (tensorflow/tensorflow issue 97697).
    """
    keras.backend.clear_session(free_memory=False)  # once, below
    registered = gradient_registry._registry
    for name in [name for name in registered if name.startswith("CustomGradient-")]:
        del registered[name]
    gc.collect()
