"""A recurrent layer in NumPy, forward and backward written out by hand."""

from seqlab import Register, hookimpl


@hookimpl
def register_layers(register: Register) -> None:
    """The layer of this plugin."""
    register(
        "numpy-rnn",
        "seqlab_numpy.rnn:NumpyRNN",
        summary="Plain recurrent layer in NumPy, its derivatives by hand (Werbos 1990)",
    )


@hookimpl
def register_recipes(register: Register) -> None:
    """The recipe of this plugin."""
    register("hello-numpy", "seqlab_numpy:recipes/hello-numpy.toml")
