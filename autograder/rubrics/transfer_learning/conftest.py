"""This rubric needs no fixtures of its own; see autograder/rubric/run.py for those that every rubric has."""
