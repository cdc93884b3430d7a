// SPDX-License-Identifier: MIT
// Which C API this is, and which Heapreel it is of.
#ifndef HEAPREEL_REEL_VERSION_H
#define HEAPREEL_REEL_VERSION_H

// Raised by one with each change of a public header of reel/ that a program compiled before would not survive: a
// function gone or called another way, a struct with other members, another value of an enumerator, another meaning of
// any of them. What is only added (a function, an enumerator at the end, a status) leaves it as it is. It is not the
// format's version, which reels have for themselves (reel_reader_version).
#define REEL_API_VERSION 1

// Of the library that is linked. A program that finds another one than the REEL_API_VERSION it was compiled with must
// ask it nothing else.
int reel_api_version(void);

// "0.1.0"; a constant.
const char *reel_heapreel_version(void);

#endif
