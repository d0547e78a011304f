from __future__ import annotations

import pytest
import torch

from seqlab.errors import UserError
from seqlab.nn import CharacterEmbedding, Embedder, OneHot, SequenceModel, TokenEmbedding
from seqlab.spec import Characters, Field, Ids, ModelSpec, Numbers, Outputs
from tests.nn.tiny import TinyLSTM

MANY_IDS = torch.tensor([[[0, 2], [1, -1], [-1, -1]]])  # (1, 3, K)


def test_one_hot() -> None:
    assert OneHot(Ids(3))(torch.tensor([[2, 0]])).tolist() == [[[0, 0, 1], [1, 0, 0]]]
    assert OneHot(Ids(3, many=True))(MANY_IDS).tolist() == [[[1, 0, 1], [0, 1, 0], [0, 0, 0]]]


def test_many_ids_are_summed_and_negative_ids_are_ignored() -> None:
    embedding = TokenEmbedding(Ids(3, many=True), 4)
    rows = embedding.table.weight
    expected = torch.stack([rows[0] + rows[2], rows[1], torch.zeros(4)])[None]
    torch.testing.assert_close(embedding(MANY_IDS), expected)


def test_token_dropout_gives_the_unknown_token_in_training_only() -> None:
    embedding = TokenEmbedding(Ids(5, unknown=3), 2, token_dropout=1.0)
    ids = torch.tensor([[0, 1, 4]])
    unknown = embedding.table.weight[3].expand(1, 3, 2)
    assert torch.equal(embedding.train()(ids), unknown)
    assert torch.equal(embedding.eval()(ids), embedding.table(ids))
    assert TokenEmbedding(Ids(5), 2, token_dropout=1.0).token_dropout == 0.0


@pytest.mark.parametrize("init_std", [0.02, 0.1, 0.7])
def test_initial_weights_have_the_standard_deviation(init_std: float) -> None:
    torch.manual_seed(0)
    fields: dict[str, Field] = {"words": Ids(400), "characters": Characters(400)}
    model = SequenceModel(
        ModelSpec(fields, Outputs("class", (2,), "step")),
        TinyLSTM,
        {},
        embedding_size=50,
        embedding_init_std=init_std,
    )
    tables = [
        TokenEmbedding(Ids(400), 50, init_std=init_std).table,
        CharacterEmbedding(Characters(400), 50, init_std=init_std).table,
        model.embedder.get_submodule("streams.words.table"),
        model.embedder.get_submodule("streams.characters.table"),
    ]
    for table in tables:
        std = float(table.get_parameter("weight").detach().std())
        assert std == pytest.approx(init_std, rel=0.05)


def test_characters_are_read_once_per_token_and_without_padding() -> None:
    torch.manual_seed(0)
    embedding = CharacterEmbedding(Characters(7), 4)
    characters = torch.tensor([[1, 2, 3], [4, 5, 6]])  # (U, C), the second token has length 1
    index = torch.tensor([[0, 1], [1, 1]])  # (B, T)
    vectors = embedding(characters, torch.tensor([3, 1]), index)
    alone = embedding(torch.tensor([[4]]), torch.tensor([1]), torch.tensor([[0]]))
    assert vectors.shape == (2, 2, 4)
    torch.testing.assert_close(vectors[0, 1], alone[0, 0])
    assert torch.equal(vectors[0, 1], vectors[1, 0])


def test_streams_are_concatenated_in_the_order_of_the_spec() -> None:
    fields: dict[str, Field] = {
        "characters": Characters(7),
        "words": Ids(5),
        "features": Numbers(2),
    }
    embedder = Embedder(fields, size=4)
    inputs = {
        "features": torch.tensor([[[1.0, 2.0], [torch.nan, torch.nan]]]),
        "words": torch.tensor([[3, 0]]),
        "characters": torch.tensor([[1, 2], [3, 0], [4, 5]]),
        "characters.lengths": torch.tensor([2, 1, 2]),
        "characters.index": torch.tensor([[2, 0]]),
    }
    x = embedder(inputs, torch.tensor([1]))
    assert x.shape == (1, 2, embedder.output_size) == (1, 2, 10)
    assert x[0, :, 8:].tolist() == [[1, 2], [0, 0]]
    assert embedder.full_lengths(inputs).tolist() == [2]


def test_a_spec_without_streams_is_refused() -> None:
    with pytest.raises(UserError, match="no input streams"):
        Embedder({})
