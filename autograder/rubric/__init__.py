"""Running a rubric, an ordinary pytest suite, on the evidence of a submission."""
