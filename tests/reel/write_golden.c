// SPDX-License-Identifier: MIT
// Writes the golden chunk of the newest version to the file that is named as the only argument.
#include <stdbool.h>
#include <stdio.h>

#include "golden_events.h"
#include "reel/status.h"

int main(int argument_count, char **arguments)
{
    struct reel_codec *codec;
    struct reel_event events[GOLDEN_EVENT_COUNT];
    uint32_t births[GOLDEN_EVENT_COUNT];
    const void *data;
    size_t bytes;
    if (argument_count != 2 || reel_codec_create(&codec) != REEL_OK)
        return 2;
    golden_make(REEL_CHUNK_VERSION, events, births);
    if (reel_codec_encode(codec, GOLDEN_FIRST_EVENT, events, births, GOLDEN_EVENT_COUNT, &data, &bytes) != REEL_OK)
        return 3;
    FILE *file = fopen(arguments[1], "wb");
    bool is_written = file != NULL && fwrite(data, 1, bytes, file) == bytes && fclose(file) == 0;
    reel_codec_destroy(codec);
    return is_written ? 0 : 3;
}
