"""Whether a training record can be believed, without training again.

A process that runs no student code (`service`, `examine`) takes the first steps again and looks at the final weights,
on a network rebuilt from its validated description. `judge` compares the record with what came out and with reference
runs, in a process without TensorFlow. `submission` puts both together for what one student handed in.
"""
