"""The narrative: what its words claim against the cells, its own arithmetic, its wording, what was left in."""
