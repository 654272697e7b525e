"""Description of a live Keras model as a ModelSpec."""
