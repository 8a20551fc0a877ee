"""nianbao: the yearly report on government information disclosure, from spreadsheet to publication."""

__version__ = "0.1.0"
