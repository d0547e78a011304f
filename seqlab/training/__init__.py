"""The training loop, checkpoints, the optimizer and its learning rate schedule."""
