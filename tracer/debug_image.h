// SPDX-License-Identifier: MIT
// The debug information of a file whose sections are compressed, inflated only as far as it is needed. libdw by itself
// inflates all of it, which for the C library alone takes longer than many a program runs.
#ifndef HEAPREEL_TRACER_DEBUG_IMAGE_H
#define HEAPREEL_TRACER_DEBUG_IMAGE_H

#include <elfutils/libdw.h>
#include <stdbool.h>

struct debug_image;

// elf stays the caller's and must live as long. NULL: nothing is compressed, or something is that this cannot do;
// libdwfl can.
struct debug_image *debug_image_open(Elf *elf);
void debug_image_close(struct debug_image *image); // NULL is allowed
// What is not needed yet reads as zeros: of each unit and function, the calls below come first.
Dwarf *debug_image_dwarf(struct debug_image *image);

// The unit at an address as libdwfl would find it, whole. NULL: none.
Dwarf_Die *debug_image_unit(struct debug_image *image, Dwarf_Addr address, Dwarf_Die *unit);
// Makes the unit's table of lines readable.
void debug_image_need_lines(struct debug_image *image, Dwarf_Die *unit);
// Makes readable what the names of a function are taken from: the functions that it was made of, in other units.
void debug_image_need_origins(struct debug_image *image, Dwarf_Die *function);

#endif
