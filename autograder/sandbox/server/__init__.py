"""Code that runs in the zygote and in its forks: the side of the sandbox that students' code can reach."""
