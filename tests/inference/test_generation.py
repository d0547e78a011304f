from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from seqlab.device import Device
from seqlab.errors import UserError
from seqlab.inference.generation import (
    BATCH_SIZE,
    Sampling,
    Writer,
    _filtered,
    _generator,
    _sample,
    sample_tokens,
)
from seqlab.nn import Model, SequenceModel
from seqlab.spec import Ids, ModelSpec, Outputs
from seqlab.task import Generation
from tests.nn.tiny import TinyLSTM

CPU = Device(torch.device("cpu"), "fp32")
STEPS = ModelSpec({"text": Ids(9, unknown=8)}, Outputs("class", (8,), "step"), causal=True)
WINDOW = ModelSpec({"text": Ids(9, unknown=8)}, Outputs("class", (8,), "sequence"))
PROMPT = torch.tensor([1, 5, 2])


def model_for(spec: ModelSpec) -> Model:
    torch.manual_seed(0)
    return SequenceModel(spec, TinyLSTM, {}, embedding_size=6, embedding_init_std=2.0).eval()


def generate(spec: ModelSpec, numbers: range = range(1), **options: Any) -> Tensor:
    """(S, length) tokens."""
    window = 4 if spec is WINDOW else None
    sampling = Sampling(**{"length": 40, **options})
    tokens = sample_tokens(
        model_for(spec), "text", PROMPT, sampling, CPU, numbers=numbers, window=window
    )
    return torch.stack(list(tokens), 1)


@pytest.mark.parametrize("spec", [STEPS, WINDOW])
def test_greedy_tokens_equal_those_of_a_model_that_reads_everything_again(spec: ModelSpec) -> None:
    model, ids = model_for(spec), PROMPT.tolist()
    for _ in range(40):
        context = ids if spec is STEPS else ids[-4:]
        logits = model({"text": torch.tensor([context])}, torch.tensor([len(context)]))
        ids.append(int(logits.reshape(-1, 8)[-1].argmax()))
    assert generate(spec, temperature=0.0)[0].tolist() == ids[3:]


@pytest.mark.parametrize("spec", [STEPS, WINDOW])
def test_single_texts_equal_those_of_a_batch(spec: ModelSpec) -> None:
    batch = generate(spec, range(BATCH_SIZE))
    assert len({tuple(row) for row in batch.tolist()}) == BATCH_SIZE
    for number in (0, 3, BATCH_SIZE - 1):
        assert torch.equal(generate(spec, range(number, number + 1))[0], batch[number])


def test_the_seed_determines_the_text() -> None:
    assert torch.equal(generate(STEPS, seed=5), generate(STEPS, seed=5))
    assert not torch.equal(generate(STEPS, seed=5), generate(STEPS, seed=6))


def test_a_longer_text_starts_with_the_shorter_one() -> None:
    assert torch.equal(generate(STEPS, length=60)[:, :40], generate(STEPS))


def test_tokens_are_as_frequent_as_the_model_predicts() -> None:
    logits = torch.log(torch.tensor([[0.5, 0.3, 0.15, 0.05]], dtype=torch.float64))
    generator = _generator(0, 0)
    counts = np.bincount(
        [int(_sample(logits, Sampling(), [generator])) for _ in range(4000)], minlength=4
    )
    assert counts / 4000 == pytest.approx([0.5, 0.3, 0.15, 0.05], abs=0.03)


def test_top_k_and_top_p() -> None:
    logits = torch.log(torch.tensor([[0.15, 0.5, 0.05, 0.3]], dtype=torch.float64))

    def allowed(**options: Any) -> list[bool]:
        return _filtered(logits, Sampling(**options)).isfinite()[0].tolist()

    assert allowed() == [True] * 4
    assert allowed(top_k=2) == [False, True, False, True]
    assert allowed(top_k=9) == [True] * 4
    assert allowed(top_p=0.5) == [False, True, False, False]
    assert allowed(top_p=0.51) == [False, True, False, True]
    assert allowed(top_p=1e-9) == [False, True, False, False]
    assert allowed(top_k=3, top_p=0.99) == [True, True, False, True]


def test_a_low_temperature_is_greedy() -> None:
    assert torch.equal(generate(STEPS, temperature=1e-6), generate(STEPS, temperature=0.0))


@pytest.mark.parametrize(
    "options",
    [{"length": 0}, {"temperature": -1.0}, {"temperature": float("nan")}, {"top_k": 0},
     {"top_p": 0.0}, {"top_p": 1.5}, {"seed": -1}, {"samples": 0}],
)  # fmt: skip
def test_values_out_of_range(options: dict[str, Any]) -> None:
    with pytest.raises(UserError, match=next(iter(options))):
        Sampling(**options)


class Bytes:
    """In the role of a tokenizer of bytes, two or more of which make a character."""

    size, unknown = 9, 8
    alphabet = "aé"

    def encode(self, texts: list[str]) -> Any:
        ids = [self.alphabet.encode().index(byte) for text in texts for byte in text.encode()]
        return type("Ragged", (), {"values": np.array(ids)})

    def decode(self, ids: list[int]) -> str:
        return bytes(self.alphabet.encode()[i % 3] for i in ids).decode(errors="replace")


class Fitted:
    generation: Generation | None = Generation("text")
    spec = STEPS
    tokenizers = {"text": Bytes()}  # noqa: RUF012


class FittedClassifier(Fitted):
    generation = None


def writer() -> Writer:
    return Writer(model_for(STEPS), Fitted(), "chars", CPU)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(5))
def test_a_stream_equals_the_text_where_characters_have_several_bytes(seed: int) -> None:
    sampling = Sampling(30, seed=seed)
    pieces = list(writer().stream_text("aé", sampling))
    assert writer().texts("aé", sampling) == ["aé" + "".join(pieces)]
    assert all("\ufffd" not in piece[-1:] for piece in pieces[:-1])


def test_more_samples_than_a_batch() -> None:
    texts = writer().texts("a", Sampling(10, samples=BATCH_SIZE + 3))
    fewer = writer().texts("a", Sampling(10, samples=BATCH_SIZE - 1))
    assert texts[: BATCH_SIZE - 1] == fewer
    assert len(texts) == BATCH_SIZE + 3


def test_a_task_that_cannot_generate() -> None:
    with pytest.raises(UserError, match="'classify' does not predict the next token"):
        Writer(model_for(STEPS), FittedClassifier(), "classify", CPU)  # type: ignore[arg-type]


def test_an_empty_prompt() -> None:
    with pytest.raises(UserError, match="no token"):
        writer().texts("", Sampling())
    with pytest.raises(UserError, match="no token"):
        writer().stream_text("", Sampling())


def test_one_sample_is_streamed_at_a_time() -> None:
    with pytest.raises(UserError, match="one sample is streamed at a time, not 2"):
        writer().stream_text("a", Sampling(samples=2))
