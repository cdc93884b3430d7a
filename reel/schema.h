// SPDX-License-Identifier: MIT
// The identity of the file format and an empty file of it. What the tables mean is said in the schema itself.
#ifndef HEAPREEL_REEL_SCHEMA_H
#define HEAPREEL_REEL_SCHEMA_H

#include <stddef.h>
#include <stdint.h>

#define REEL_APPLICATION_ID 0x5245454c // "REEL", at offset 68 of the file
#define REEL_FORMAT_VERSION 5          // SQLite's user_version, at offset 60 of the file

extern const uint8_t reel_empty_image[]; // a file with these tables and nothing in them
extern const size_t reel_empty_image_bytes;
extern const char reel_schema_sql[]; // what it was made from; in the build alone

#endif
