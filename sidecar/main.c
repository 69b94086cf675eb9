/* argv to exit code */
#include "verbs/verbs.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    const struct verb *verb = argc > 1 ? verb_find(argv[1]) : NULL;
    if (verb) return verb->run(argc - 1, argv + 1);
    fprintf(stderr, "foregone: which verb? Try: foregone --help\n");
    return EXIT_MISUSE;
}
