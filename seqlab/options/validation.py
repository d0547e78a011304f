"""Complete and check the options of a section."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from seqlab.errors import UserError, nearest
from seqlab.options.option import Option
from seqlab.options.synonyms import option_elsewhere, synonymous_option


def validate(
    section: str,
    values: Mapping[str, object],
    known: Mapping[str, Option],
    *,
    locate: Callable[[str], str] | None = None,
) -> dict[str, Any]:
    """Convert the values of a section, and complete it with the defaults of the other options.

    Args:
        section: Name of the section, such as "train".
        values: The options that are set, by their names within the section.
        known: The section's options.
        locate: Full name of an option → where it was set, such as a file and its section, or a
            flag; the full name itself if None.

    Raises:
        UserError: There is no such option, or its value is invalid.
    """
    locations = {name: locate(f"{section}.{name}") if locate else "" for name in values}
    for name in values:
        if name not in known:
            raise _unknown_option(section, name, known, locations[name])
    return {
        name: option.convert(values[name], name=f"{section}.{name}", location=locations[name])
        if name in values
        else option.default
        for name, option in known.items()
    }


def _unknown_option(section: str, name: str, known: Iterable[str], location: str) -> UserError:
    near = synonymous_option(section, name, known)
    elsewhere = None if near else option_elsewhere(name, section)
    near = near or nearest(name, known)
    suggested = elsewhere or (near and f"{section}.{near}")
    names = ", ".join(sorted(known)) or "none"
    return UserError(
        f"unknown option '{section}.{name}'",
        location=location or f"{section}.{name}",
        remedy=f"did you mean '{suggested}'?" if suggested else f"options here: {names}",
    )
