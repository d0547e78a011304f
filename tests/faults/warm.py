"""Imports everything that a run needs, in the process from which the others are forked."""

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
torch.optim.Adam([weights], fused=True).step()  # the first step imports further modules
plugins = installed()
for name in ("classify", "chars", "regression"):
    plugins.tasks.get(name).load()
plugins.models.get("lstm").load()
