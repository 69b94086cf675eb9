#include "events/recording.h"
#include "options/options.h"
#include "verbs.h"

#include <stdio.h>

/* The example is a line of a log: its tabs and line ends are written as such. */
static void print_card(struct format_card card)
{
    printf("%-13s %s\n              e.g. ", card.name, card.what);
    for (const char *c = card.example; *c; c++) {
        if (*c == '\t') fputs("\\t", stdout);
        else if (*c == '\n') fputs("\\n", stdout);
        else putchar(*c);
    }
    putchar('\n');
}

int verb_formats(int argc, char **argv)
{
    struct options options;
    int fault = options_only(&options, argc, argv);
    if (fault) return -1 - fault;
    for (size_t i = 0; i < reader_format_count(); i++) print_card(reader_format(i));
    for (size_t i = 0; i < recording_container_count(); i++) print_card(recording_container(i));
    return 0;
}
