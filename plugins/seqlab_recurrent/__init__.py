"""Recurrent layers."""

from seqlab import Register, hookimpl


@hookimpl
def register_layers(register: Register) -> None:
    """The layers of this plugin."""
    register(
        "lstm", "seqlab_recurrent.lstm:LSTM", summary="Long short-term memory (Hochreiter 1997)"
    )
