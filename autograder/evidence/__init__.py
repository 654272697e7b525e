"""Evidence of a submission: responses of its process as plain, bounded, validated data that a rubric can judge."""
