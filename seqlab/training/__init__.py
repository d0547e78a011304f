"""The loop, its checkpoints, optimisers and schedules."""
