"""Typed, documented and validated options, derived from the signature of a class or function.

A parameter with a default is an option; its annotation gives the type, `Annotated[int,
Range(1)]` its range, and its line under `Args:` in the docstring of the class its meaning.
Supported types: bool, int, float, str, Literal, list and dict of these, and any of them or None.
"""

from seqlab.options.option import Option, Range, options_of
from seqlab.options.validation import validate

__all__ = ["Option", "Range", "options_of", "validate"]
