"""The form, the report and the finding: exact values that every other room speaks of; standard library alone."""
