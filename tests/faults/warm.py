"""Everything that a run imports, for a process from which all others are forked off."""

import datasets  # noqa: F401
import matplotlib.backends.backend_svg
import matplotlib.figure  # noqa: F401
import torch

import seqlab.runs.session  # noqa: F401
import tests.faults.runs  # noqa: F401
from seqlab.plugin.manager import installed

torch.set_num_threads(1)
weights = torch.zeros(1, requires_grad=True)
weights.grad = torch.zeros(1)
torch.optim.Adam([weights], fused=True).step()  # imports more than it seems
known = installed()
for name in ("classify", "chars", "regression"):
    known.tasks.get(name).load()
known.models.get("lstm").load()
