// SPDX-License-Identifier: MIT
// The identity of the file format and the text of its schema. What the tables mean is said in the schema itself.
#ifndef HEAPREEL_REEL_SCHEMA_H
#define HEAPREEL_REEL_SCHEMA_H

#define REEL_APPLICATION_ID 0x5245454c // "REEL", at offset 68 of the file
#define REEL_FORMAT_VERSION 3          // SQLite's user_version, at offset 60 of the file

extern const char reel_schema_sql[];

#endif
