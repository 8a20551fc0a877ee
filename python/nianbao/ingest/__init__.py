"""A report that is already published (page, Word, PDF, text, another workbook) → Report, with its doubts."""
