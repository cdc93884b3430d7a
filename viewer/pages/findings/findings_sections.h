// SPDX-License-Identifier: MIT
// What is found, section by section, in the words of the commands.
#ifndef HEAPREEL_VIEWER_FINDINGS_SECTIONS_H
#define HEAPREEL_VIEWER_FINDINGS_SECTIONS_H

#include "viewer/pages/findings/findings_lines.h"

// Losses, misuse, advice, growth: those that there are. *of: the moment of the advice. A section that could not be
// asked for says so in its place.
void findings_fill(struct findings_lines *lines, struct page_view *view, struct model_of *of);

#endif
