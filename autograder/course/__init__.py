"""A course: course.toml, the assignments, and the paths of everything that belongs to it."""
