"""nbgrader: its database, its settings, and the preprocessors and exporter that nbgrader_config.py names."""
