# SPDX-License-Identifier: MIT
"""Fails when a table or column of the SQL face is undocumented, or documented but gone.

usage: check_sql_page.py EXTENSION.so PAGE.md

The page is read as page_tables.py tells.
"""
import sqlite3
import sys

from page_tables import tables_of_page


def connection(extension=None):
    database = sqlite3.connect(":memory:")
    if extension:
        database.enable_load_extension(True)
        database.load_extension(extension)
    return database


def modules(database):
    return {row[0] for row in database.execute("PRAGMA module_list")}


def tables_of_extension(path):
    database = connection(path)
    tables = {}
    for name in modules(database) - modules(connection()):
        rows = list(database.execute(f"PRAGMA table_xinfo({name})"))
        columns = [(row[1], row[2]) for row in rows if row[6] == 0]
        tables[name] = (columns, [row[1] for row in rows if row[6] != 0])
    return tables


def differences(extension, page):
    for name in sorted(extension.keys() | page.keys()):
        if name not in page:
            yield f"{name} is not documented"
        elif name not in extension:
            yield f"{name} is documented but gone"
        elif extension[name] != page[name]:
            yield f"{name} is {extension[name]}, the page says {page[name]}"


def main():
    extension = tables_of_extension(sys.argv[1])
    found = list(differences(extension, tables_of_page(sys.argv[2])))
    print("\n".join(found) or f"{len(extension)} tables and their columns are documented")
    return 1 if found or not extension else 0


if __name__ == "__main__":
    sys.exit(main())
