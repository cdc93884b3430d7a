# SPDX-License-Identifier: MIT
"""Fails when a table or column of the schema is undocumented, or documented but gone.

usage: check_schema_page.py SCHEMA.sql PAGE.md

The page is read as page_tables.py tells.
"""
import sqlite3
import sys

from page_tables import tables_of_page


def tables_of_schema(path):
    database = sqlite3.connect(":memory:")
    with open(path, encoding="utf-8") as schema:
        database.executescript(schema.read())
    names = [row[0] for row in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    return {name: {row[1]: row[2] for row in database.execute(f"PRAGMA table_info({name})")} for name in names}


def differences(schema, page):
    for table in sorted(schema.keys() | page.keys()):
        if table not in page:
            yield f"table {table} is not documented"
        elif table not in schema:
            yield f"table {table} is documented but gone"
        else:
            yield from column_differences(table, schema[table], page[table])


def column_differences(table, schema, page):
    for column in sorted(schema.keys() | page.keys()):
        if column not in page:
            yield f"column {table}.{column} is not documented"
        elif column not in schema:
            yield f"column {table}.{column} is documented but gone"
        elif schema[column] != page[column]:
            yield f"column {table}.{column} is {schema[column]}, the page says {page[column]}"


def main():
    page = {name: dict(columns) for name, (columns, _) in tables_of_page(sys.argv[2]).items()}
    found = list(differences(tables_of_schema(sys.argv[1]), page))
    print("\n".join(found) or "every table and column is documented")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
