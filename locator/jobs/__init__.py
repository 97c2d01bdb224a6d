"""Many photos: worker processes, batches, clusters."""
