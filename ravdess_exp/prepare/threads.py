"""The linear algebra behind a feature runs on one thread, wherever the feature is computed.

A product of matrices is summed in another order by other threads, so a clip would get another MFCC
(by 8e-6) from the process of a run than from one of its workers, which have one thread each.
"""

import functools
from contextlib import AbstractContextManager

from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager:
    """A block in which NumPy's and SciPy's linear algebra uses one thread."""
    return _controller().limit(limits=1, user_api="blas")


@functools.lru_cache(maxsize=1)  # to look for the loaded libraries takes longer than a feature
def _controller() -> ThreadpoolController:
    import scipy.linalg  # noqa: F401 - its library has to be there when it is looked for

    return ThreadpoolController()
