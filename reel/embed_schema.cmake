# SPDX-License-Identifier: MIT
# Writes OUTPUT, a C file that holds the text of INPUT as the constant reel_schema_sql. As numbers: a string literal of
# that length would exceed what the standard promises.
file(READ ${INPUT} bytes HEX)
string(REGEX REPLACE "(................................................................)" "\\1\n    " bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1, " bytes "${bytes}")
file(WRITE ${OUTPUT}
    "// Generated from schema.sql.\n#include \"reel/schema.h\"\n\nconst char reel_schema_sql[] = {\n    ${bytes}0x00};\n")
