"""Tokenizers: text ↔ ids."""

from seqlab import Register, hookimpl


@hookimpl
def register_tokenizers(register: Register) -> None:
    """The tokenizers of this plugin."""
    for name, place, summary in (
        ("char", "char:CharTokenizer", "Every character"),
        ("word", "word:WordTokenizer", "Words and punctuation marks"),
        ("bpe", "bpe:BPETokenizer", "Subwords: byte-pair encoding (Sennrich 2016)"),
        ("integer", "integer:IntegerTokenizer", "Integers as symbols"),
    ):
        register(name, f"seqlab_tokenizers.{place}", summary=summary)
