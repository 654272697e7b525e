"""Test of the rubrics: wrong answers that they must catch, and right ones that they must accept.

`rules` makes wrong networks from a brief, `source` writes them as code, `trial` puts one sample to the rubric,
`verdict` judges what came of it, and `campaign` does so for a whole assignment on all cores.
"""
