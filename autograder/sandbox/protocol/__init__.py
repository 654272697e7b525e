"""Messages between the grader and a submission's process: frames, message types and the encoding of values."""
