from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from seqlab.device import Device
from seqlab.errors import UserError
from seqlab.inference.generation import BLOCK, Sampling, Writer, _choose, _generator, _kept, draw
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


def drawn(spec: ModelSpec, samples: range = range(1), **options: Any) -> Tensor:
    window = 4 if spec is WINDOW else None
    sampling = Sampling(**{"length": 40, **options})
    symbols = draw(model_for(spec), "text", PROMPT, sampling, CPU, samples=samples, window=window)
    return torch.stack(list(symbols), 1)  # (S, length)


@pytest.mark.parametrize("spec", [STEPS, WINDOW])
def test_the_likeliest_symbols_against_reading_all_anew(spec: ModelSpec) -> None:
    model, seen = model_for(spec), PROMPT.tolist()
    for _ in range(40):
        last = seen if spec is STEPS else seen[-4:]
        scores = model({"text": torch.tensor([last])}, torch.tensor([len(last)]))
        seen.append(int(scores.reshape(-1, 8)[-1].argmax()))
    assert drawn(spec, temperature=0.0)[0].tolist() == seen[3:]


@pytest.mark.parametrize("spec", [STEPS, WINDOW])
def test_one_by_one_equals_in_a_batch(spec: ModelSpec) -> None:
    together = drawn(spec, range(BLOCK))
    assert len({tuple(row) for row in together.tolist()}) == BLOCK
    for number in (0, 3, BLOCK - 1):
        assert torch.equal(drawn(spec, range(number, number + 1))[0], together[number])


def test_a_seed_is_a_text() -> None:
    assert torch.equal(drawn(STEPS, seed=5), drawn(STEPS, seed=5))
    assert not torch.equal(drawn(STEPS, seed=5), drawn(STEPS, seed=6))


def test_a_longer_text_begins_as_a_shorter_one() -> None:
    assert torch.equal(drawn(STEPS, length=60)[:, :40], drawn(STEPS))


def test_symbols_come_as_often_as_the_model_says() -> None:
    scores = torch.log(torch.tensor([[0.5, 0.3, 0.15, 0.05]], dtype=torch.float64))
    generator = _generator(0, 0)
    counts = np.bincount(
        [int(_choose(scores, Sampling(), [generator])) for _ in range(4000)], minlength=4
    )
    assert counts / 4000 == pytest.approx([0.5, 0.3, 0.15, 0.05], abs=0.03)


def test_the_best_symbols_only() -> None:
    scores = torch.log(torch.tensor([[0.15, 0.5, 0.05, 0.3]], dtype=torch.float64))

    def kept(**options: Any) -> list[bool]:
        return _kept(scores, Sampling(**options)).isfinite()[0].tolist()

    assert kept() == [True] * 4
    assert kept(top_k=2) == [False, True, False, True]
    assert kept(top_k=9) == [True] * 4
    assert kept(top_p=0.5) == [False, True, False, False]
    assert kept(top_p=0.51) == [False, True, False, True]
    assert kept(top_p=1e-9) == [False, True, False, False]
    assert kept(top_k=3, top_p=0.99) == [True, True, False, True]


def test_a_low_temperature_is_the_likeliest_text() -> None:
    assert torch.equal(drawn(STEPS, temperature=1e-6), drawn(STEPS, temperature=0.0))


@pytest.mark.parametrize(
    "options",
    [{"length": 0}, {"temperature": -1.0}, {"temperature": float("nan")}, {"top_k": 0},
     {"top_p": 0.0}, {"top_p": 1.5}, {"seed": -1}],
)  # fmt: skip
def test_numbers_out_of_range(options: dict[str, Any]) -> None:
    with pytest.raises(UserError, match=next(iter(options))):
        Sampling(**options)


class Bytes:
    """Stands for a tokenizer of bytes, of which two or more make a character."""

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


def writer() -> Writer:
    return Writer(model_for(STEPS), Fitted(), "chars", CPU)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(5))
def test_a_stream_is_the_text_even_where_characters_have_several_bytes(seed: int) -> None:
    sampling = Sampling(30, seed=seed)
    pieces = list(writer().stream_text("aé", sampling))
    assert writer().texts("aé", sampling, 1) == ["aé" + "".join(pieces)]
    assert all("\ufffd" not in piece[-1:] for piece in pieces[:-1])


def test_more_samples_than_a_block() -> None:
    sampling = Sampling(10)
    many = writer().texts("a", sampling, BLOCK + 3)
    assert many[: BLOCK - 1] == writer().texts("a", sampling, BLOCK - 1)
    assert len(many) == BLOCK + 3


def test_what_cannot_write_says_so() -> None:
    class Other(Fitted):
        generation = None

    with pytest.raises(UserError, match="'classify' does not predict what comes next"):
        Writer(model_for(STEPS), Other(), "classify", CPU)  # type: ignore[arg-type]
    with pytest.raises(UserError, match="no symbol"):
        writer().texts("", Sampling(), 1)
    with pytest.raises(UserError, match="samples"):
        writer().texts("a", Sampling(), 0)
