"""`mnist_convnet`: its points, its specification as data, and its public checks, a module for each exercise."""
