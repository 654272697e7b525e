"""Networks as data: descriptions of Keras models, their shapes and parameters, and their comparison."""
