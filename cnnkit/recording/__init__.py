"""Training records: what `cnnkit.record` notes while a network trains, and the files it leaves."""
