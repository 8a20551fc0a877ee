"""The workbook that staff fill in: written new, read closed, flagged in a copy."""
