"""Tokenizers: text ↔ ids."""

from seqlab import Register, hookimpl


@hookimpl
def register_tokenizers(register: Register) -> None:
    """The tokenizers of this plugin."""
    register("word", "seqlab_tokenizers.word:WordTokenizer", summary="Words and punctuation marks")
