#include "curvefit.h"
#include "options/options.h"
#include "verbs.h"

#include <stdio.h>

int verb_families(int argc, char **argv)
{
    struct options options;
    int fault = options_only(&options, argc, argv);
    if (fault) return -1 - fault;
    for (size_t i = 0; i < cf_family_count(); i++) {
        cf_family_card card = cf_family_card_of(i);
        printf("%-12s %-34s %s\n", card.name, card.formula, card.source);
    }
    return 0;
}
