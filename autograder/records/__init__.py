"""Verification of training records: is a recorded loss curve that of a training that took place?

A process that runs no student code (`worker`, `examination`) rebuilds the network from its validated description
(`rebuild`), replays the first training steps (`replay`) and evaluates the final weights (`weights_file`) on the
course's data (`course_data`). `examiner` is its client on the grader's side, `requests` has the messages between them.

Without TensorFlow, `judge` compares a record with itself (`self_consistency`), with its examination and with runs of
the reference solution (`reference_bands`); `findings` combines the results into one verdict. `verdicts` does this for
all runs of a submission. Across a class, `similarity` finds records that resemble each other too much. `retrain`
trains a run again from beginning to end, for `autograder verify --full`.
"""
