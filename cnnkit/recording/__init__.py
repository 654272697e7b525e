"""Training records: observed while a network trains, written beside the notebook, shown in it."""
