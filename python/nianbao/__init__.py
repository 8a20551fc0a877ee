"""nianbao: the yearly report on government information disclosure, from spreadsheet to publication."""

__version__ = "1.0.0"
