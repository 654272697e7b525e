"""`transfer_learning`: what it is worth, its brief as data, and its public checks, a module for each exercise."""
