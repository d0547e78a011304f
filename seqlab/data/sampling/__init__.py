"""The examples of each step: their order, their micro-batches, and padded batches."""
