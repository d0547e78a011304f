import torch

from seqlab.nn import LockedDropout


def test_the_mask_is_the_same_at_every_step() -> None:
    torch.manual_seed(0)
    dropped = LockedDropout(0.5)(torch.ones(4, 7, 50))
    assert (dropped == dropped[:, :1]).all()
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert not torch.equal(dropped[0], dropped[1])  # each row has a different mask
    assert 0.3 < dropped.eq(0).float().mean() < 0.7


def test_nothing_is_dropped_in_eval_mode() -> None:
    x = torch.randn(2, 3, 4)
    assert torch.equal(LockedDropout(0.5).eval()(x), x)
    assert torch.equal(LockedDropout(0.0)(x), x)
