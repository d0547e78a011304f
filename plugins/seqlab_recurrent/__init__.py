"""Recurrent layers."""

from seqlab import Register, hookimpl


@hookimpl
def register_layers(register: Register) -> None:
    """Register the layers of this plugin."""
    for name, target, summary in (
        (
            "rnn-cell",
            "cell:RNNCell",
            "Plain recurrent layer, loop over time in Python (Elman 1990)",
        ),
        ("rnn", "rnn:RNN", "Plain recurrent layer, tanh or relu (Elman 1990)"),
        ("gru", "gru:GRU", "Gated recurrent units (Cho 2014)"),
        ("lstm", "lstm:LSTM", "Long short-term memory (Hochreiter 1997)"),
    ):
        register(name, f"seqlab_recurrent.{target}", summary=summary)
