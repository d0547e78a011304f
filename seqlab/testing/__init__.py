"""Conformance checks for models and layers. Importing this module imports torch.

In the tests of a plugin: `assert_passes(check_layer(MyLayer))`.
"""

from seqlab.testing.batches import random_batch
from seqlab.testing.checks import CHECKS, Check, Skipped, Subject, Violation
from seqlab.testing.suite import Result, assert_passes, check_layer, check_model

__all__ = [
    "CHECKS",
    "Check",
    "Result",
    "Skipped",
    "Subject",
    "Violation",
    "assert_passes",
    "check_layer",
    "check_model",
    "random_batch",
]
