// SPDX-License-Identifier: MIT
// Planted culprit: a table of interned strings among temporaries. Every word of a document is a block until the
// document has been read; one word in fifty is new and is copied into the table for good, between the blocks of its
// neighbours. Watch: names, the strings in the table. Expect: under every allocator `blame` at the end names
// intern_string first; `top` by live bytes names store_document.
#include "sample.h"

enum
{
    DOCUMENTS = 2,
    WORDS = 250000, // of a document
    NEW_IN = 50,
    BYTES_MIN = 33, // up to 40: a slot or chunk of 48
    BYTES_STEPS = 8,
    SUMMARY_BYTES = 2 << 20, // of a document, in pieces
    PIECE_BYTES = 2000,
};

static void **words;
static char **names;
static size_t name_count;

static __attribute__((noinline)) char *read_word(size_t length)
{
    char *word = sample_touch(malloc(length + 1), length + 1);
    memset(word, 'a' + (int)(sample_random() % 26), length);
    word[length] = '\0';
    return word;
}

static __attribute__((noinline)) void intern_string(const char *word)
{
    size_t bytes = strlen(word) + 1;
    names[name_count++] = memcpy(sample_touch(malloc(bytes), bytes), word, bytes);
}

static __attribute__((noinline)) void store_document(void)
{
    for (size_t i = 0; i < SUMMARY_BYTES / PIECE_BYTES; i++)
        sample_touch(malloc(PIECE_BYTES), PIECE_BYTES);
}

// The first document has most of the new words, as it is with documents.
static __attribute__((noinline)) void read_document(size_t document)
{
    size_t new_in = document == 0 ? NEW_IN : NEW_IN * NEW_IN;
    for (size_t i = 0; i < WORDS; i++)
    {
        words[i] = read_word(BYTES_MIN - 1 + sample_below(BYTES_STEPS));
        if (i % new_in == 0)
            intern_string(words[i]);
    }
    for (size_t i = 0; i < WORDS; i++)
        free(words[i]);
}

int main(void)
{
    sample_begin();
    words = sample_memory(WORDS * sizeof *words);
    names = sample_memory(DOCUMENTS * (WORDS / NEW_IN) * sizeof *names);
    for (size_t i = 0; i < DOCUMENTS; i++)
    {
        store_document();
        read_document(i);
    }
    sample_figure("names", (double)name_count);
}
