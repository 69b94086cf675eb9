#include "events/recording.h"
#include "options.h"
#include "verbs.h"

#include <stdio.h>

static void print_card(struct format_card card) { printf("%-11s %s\n            e.g. %s\n", card.name, card.what, card.example); }

int verb_formats(int argc, char **argv)
{
    struct options options;
    int fault = options_only(&options, argc, argv);
    if (fault) return -1 - fault;
    for (size_t i = 0; i < reader_format_count(); i++) print_card(reader_format(i));
    for (size_t i = 0; i < recording_container_count(); i++) print_card(recording_container(i));
    return 0;
}
