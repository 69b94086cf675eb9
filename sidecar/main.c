/* argv to exit code */
#include "options/options.h"
#include "verbs/verbs.h"

#include <stdio.h>
#include <string.h>

static int help(void)
{
    puts("foregone: stops the training runs that cannot end well.\n\nusage: foregone VERB [options] ...\n");
    for (int i = 0; verb_at(i); i++) printf("  %-10s %s\n", verb_at(i)->name, verb_at(i)->summary);
    puts("\nforegone VERB --help tells more. Start with: foregone run -- python train.py");
    return 0;
}

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "";
    const struct verb *verb = verb_find(word);
    if (verb) {
        options_about(verb->usage, verb->summary);
        return verb->run(argc - 1, argv + 1);
    }
    if (!strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help")) return help();
    if (!strcmp(word, "--version")) return puts("foregone " FOREGONE_VERSION), 0;
    fprintf(stderr, "foregone: %s%s%s. See: foregone --help\n", *word ? "no verb '" : "which verb", word, *word ? "'" : "");
    return EXIT_MISUSE;
}
