#include "format/reader.h"
#include "options.h"
#include "verbs.h"

#include <stdio.h>

int verb_formats(int argc, char **argv)
{
    struct options options;
    int fault = options_only(&options, argc, argv);
    if (fault) return -1 - fault;
    for (size_t i = 0; i < reader_format_count(); i++) {
        struct format_card card = reader_format(i);
        printf("%-11s %s\n            e.g. %s\n", card.name, card.what, card.example);
    }
    return 0;
}
