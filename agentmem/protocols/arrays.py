"""The arrays that pass between parts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
"""Vectors are float32; a batch has shape ``(n, dimension)``."""
IntArray = NDArray[np.int64]
"""Memory-version numbers (``memories.row``), shape ``(n,)``."""
BoolArray = NDArray[np.bool_]
