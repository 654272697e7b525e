"""Output shapes and parameter counts of layers, computed from their settings without Keras."""
