"""`transfer_learning`: its points, its specification as data, and its public checks, a module for each exercise."""
