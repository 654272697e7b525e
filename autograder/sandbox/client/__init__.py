"""The grader's side of the sandbox: the zygote process and connections to its children."""
