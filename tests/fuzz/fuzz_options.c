/* Any words behind any verb, one a line: no crash, and what is given back is an operand's place or a status to leave with. */
#include "options/exits.h"
#include "options/options.h"
#include "verbs/verbs.h"

#include <sanitizer/lsan_interface.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 64

/* The fuzzer's own words keep the stream that stderr was when the program began. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    FILE *nowhere = fopen("/dev/null", "w");
    if (!nowhere || !freopen("/dev/null", "w", stdout)) return 1;
    stderr = nowhere;
    options_about("[options]", "any verb");
    return 0;
}

static int split(char *text, char *words[WORDS_MAX + 1])
{
    int n = 0;
    for (char *at = text; n < WORDS_MAX && *at;) {
        words[n++] = at;
        at += strcspn(at, "\n");
        if (*at) *at++ = 0;
    }
    words[n] = NULL;
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size), *words[WORDS_MAX + 1];
    struct options options;
    int n = split(text, words);
    if (n && verb_find(words[0])) {
        __lsan_disable(); /* lists live as long as the process */
        int first = options_parse(&options, n, words);
        __lsan_enable();
        if (first > n || first == 0 || (first < 0 && first != -1 && first != -1 - EXIT_MISUSE)) abort();
        for (int i = 0; i < n; i++)
            if (!words[i]) abort();
    }
    free(text);
    return 0;
}
