"""Next symbols: characters, words or pieces of words."""

from seqlab import Register, hookimpl


@hookimpl
def register_tasks(register: Register) -> None:
    """The tasks of this plugin."""
    register("chars", "seqlab_chars.chars:Chars", summary="The next character, word or piece")


@hookimpl
def register_recipes(register: Register) -> None:
    """The recipes of this plugin."""
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
    """The data sets of this plugin."""
    register(
        "stdlib",
        "seqlab_chars.stdlib:StandardLibrary",
        summary="Source of Python's standard library as text (offline)",
    )
    register(
        "strings",
        "seqlab_chars.strings:Strings",
        summary="The tutorials' strings, to be learned by heart (offline)",
    )
