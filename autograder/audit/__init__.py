"""The grader graded: wrong answers that a rubric has to catch, and right ones it has to accept.

`rules` makes wrong networks from a brief, `source` writes them as code, `trial` puts one sample to the rubric,
`verdict` judges what came of it, and `campaign` does so for a whole assignment on all cores.
"""
