import json
import random

import numpy as np
import torch

from seqlab.training.randomness import capture, restore, seeded


def draw() -> tuple[float, float, float]:
    return random.random(), float(np.random.rand()), float(torch.rand(()))


def test_the_state_of_all_generators_is_restored() -> None:
    random.gauss(0, 1)
    np.random.randn()
    tensors, values = capture()
    first = draw()
    restore(tensors, json.loads(json.dumps(values)))
    assert draw() == first


def test_a_seed_has_no_effect_outside_its_context() -> None:
    before = capture()
    with seeded(3):
        first = draw()
    with seeded(3):
        assert draw() == first
    after = capture()
    assert before[1] == after[1]
    assert torch.equal(before[0]["torch"], after[0]["torch"])
