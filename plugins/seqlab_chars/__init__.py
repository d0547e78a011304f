"""Language modelling: the next character, word or subword."""

from seqlab import Register, hookimpl


@hookimpl
def register_tasks(register: Register) -> None:
    """Register the task of this plugin."""
    register(
        "chars",
        "seqlab_chars.chars:Chars",
        summary="Language modelling (characters, words, subwords)",
    )


@hookimpl
def register_recipes(register: Register) -> None:
    """Register the recipes of this plugin."""
    for name in (
        "hihell",
        "ohlol-cell",
        "ohlol-rnn",
        "ohlol-embedding",
        "ohlol-lstm",
        "next-word-rnn",
        "next-word-lstm",
    ):
        register(name, f"seqlab_chars:recipes/{name}.toml")


@hookimpl
def register_data(register: Register) -> None:
    """Register the data sets of this plugin."""
    register(
        "stdlib",
        "seqlab_chars.stdlib:StandardLibrary",
        summary="Source code of Python's standard library as text (offline)",
    )
    register(
        "strings",
        "seqlab_chars.strings:Strings",
        summary="Strings of tutorials, to be memorised (offline)",
    )
