# SPDX-License-Identifier: MIT
"""Reads the tables that a page of the documents tells of.

A heading `### `name`` or `### `name(parameter, parameter = default)`` begins a table; rows `| `column` | type | meaning |`
under it are its columns, in their order. Headings that follow one another share the rows under the last.
"""
import re


def tables_of_page(path):
    """name: (its columns as (name, TYPE), its parameters)"""
    tables, columns = {}, None
    with open(path, encoding="utf-8") as page:
        for line in page:
            if line.startswith("#"):
                heading = re.match(r"### `(\w+)(?:\((.*)\))?`", line)
                if not heading or columns != []:
                    columns = [] if heading else None
                if heading:
                    parameters = re.findall(r"(\w+)(?: = [^,]+)?(?:, |$)", heading[2] or "")
                    tables[heading[1]] = (columns, parameters)
            row = re.match(r"\| `(\w+)` \| (\w+) \| *([^| ][^|]*)\|", line)
            if row and columns is not None:
                columns.append((row[1], row[2].upper()))
    return tables
