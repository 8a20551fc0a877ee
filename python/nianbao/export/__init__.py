"""Publishing: web page, fragment for a site's editor, Word, PDF, interchange JSON, CSV and 一图读懂, made file by file."""
