"""The weights of a finished run, read into a model only if they are that model's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from seqlab.errors import UserError

if TYPE_CHECKING:
    from seqlab.nn import Model


def load_weights(folder: Path, model: Model) -> None:
    """Put the weights of a finished run into a model.

    Raises:
        UserError: The run is not finished, or the weights are of another model.
    """
    from safetensors.torch import load_file

    path = weights_of(folder)
    with _readable(path):
        model.load_state_dict(load_file(path))


def check_weights(folder: Path, model: Model) -> None:
    """Compare the names and shapes of a finished run's weights with a model's; read none.

    Args:
        folder: Of the run.
        model: May be on the device "meta", where it has shapes only.

    Raises:
        UserError: The run is not finished, or the weights are of another model.
    """
    from safetensors import safe_open

    path = weights_of(folder)
    with _readable(path), safe_open(path, "pt") as file:
        found = {name: tuple(file.get_slice(name).get_shape()) for name in list(file.keys())}
        own = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
        wrong = [name for name in {**own, **found} if own.get(name) != found.get(name)]
        if wrong:
            name = wrong[0]
            raise ValueError(f"{name} is {found.get(name)}, the model's is {own.get(name)}")


def weights_of(folder: Path) -> Path:
    """The file of a finished run's weights.

    Raises:
        UserError: The run is not finished.
    """
    path = folder / "model.safetensors"
    if not path.is_file():
        raise UserError(
            "this run is not finished", location=str(folder), remedy=f"seqlab run --resume {folder}"
        )
    return path


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    from safetensors import SafetensorError

    try:
        yield
    except (SafetensorError, RuntimeError, OSError, ValueError) as error:
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise UserError(
            f"the weights cannot be read: {reason}",
            location=str(path),
            remedy="use the run's own version of seqlab and of its plugins",
        ) from None
