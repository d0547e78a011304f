"""A recurrent layer in NumPy with handwritten forward and backward passes."""

from seqlab import Register, hookimpl


@hookimpl
def register_layers(register: Register) -> None:
    """Register the layer of this plugin."""
    register(
        "numpy-rnn",
        "seqlab_numpy.rnn:NumpyRNN",
        summary="Plain recurrent layer in NumPy with a handwritten backward pass (Werbos 1990)",
    )


@hookimpl
def register_recipes(register: Register) -> None:
    """Register the recipe of this plugin."""
    register("hello-numpy", "seqlab_numpy:recipes/hello-numpy.toml")
