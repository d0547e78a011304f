"""Names of types that are used everywhere. Importing them does not import torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
"""An array of any kind of number."""

Integers: TypeAlias = NDArray[np.int64]
"""Such as lengths, offsets and row numbers."""

Booleans: TypeAlias = NDArray[np.bool_]
"""Such as masks."""

Floats: TypeAlias = NDArray[np.float64]
"""Such as sums of metrics."""

Row: TypeAlias = Mapping[str, Any]
"""One row of a data set: column → value."""

Options: TypeAlias = Mapping[str, Any]
"""Options by name."""

JsonObject: TypeAlias = dict[str, Any]
"""What JSON can hold, or a result that becomes JSON."""
