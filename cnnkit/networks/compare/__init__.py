"""Comparison of two networks: aligned layers, differences, and the consequence of each."""
