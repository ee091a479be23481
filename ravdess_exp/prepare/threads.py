"""What computes a feature, or fits a linear model, runs on one thread, wherever that is done.

A product of matrices is summed in another order by other threads, so a clip would get another MFCC
(by 8e-6) from the process of a run than from one of its workers, which have one thread each; likewise a
linear model from a study's launcher, which gives each of its processes a share of the cores. And
OpenCV's optical flow divides a picture into as many stripes as there are threads.
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
from threadpoolctl import ThreadpoolController


@contextmanager
def one_thread() -> Iterator[None]:
    """A block in which OpenCV, and NumPy's and SciPy's linear algebra, use one thread."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with _controller().limit(limits=1, user_api="blas"):
            yield
    finally:
        cv2.setNumThreads(before)


@functools.lru_cache(maxsize=1)  # to look for the loaded libraries takes longer than a feature
def _controller() -> ThreadpoolController:
    import scipy.linalg  # noqa: F401 - its library has to be there when it is looked for

    return ThreadpoolController()
