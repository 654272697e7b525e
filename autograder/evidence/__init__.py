"""From what a child said to plain, bounded, validated data that a rubric can judge."""
