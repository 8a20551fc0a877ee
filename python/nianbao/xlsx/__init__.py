"""Closed workbooks, hostile until read; standard library alone."""
