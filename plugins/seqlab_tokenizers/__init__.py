"""Tokenizers: text ↔ ids."""

from seqlab import Register, hookimpl


@hookimpl
def register_tokenizers(register: Register) -> None:
    """Register the tokenizers of this plugin."""
    for name, target, summary in (
        ("char", "char:CharTokenizer", "Characters"),
        ("word", "word:WordTokenizer", "Words and punctuation marks"),
        ("bpe", "bpe:BPETokenizer", "Subwords: byte-pair encoding (Sennrich 2016)"),
        ("integer", "integer:IntegerTokenizer", "Integers as tokens"),
    ):
        register(name, f"seqlab_tokenizers.{target}", summary=summary)
