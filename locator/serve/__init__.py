"""Answers to other programs over HTTP."""
