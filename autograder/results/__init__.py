"""Results on disk: the scorecard of a submission and the folder that holds a class's results."""
