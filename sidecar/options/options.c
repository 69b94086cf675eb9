#include "options.h"

#include "exits.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum type { FLAG, TEXT, NUMBER, GOAL, LIST }; /* a list grows when it is given again; by commas */

static const struct option {
    const char *name, *argument, *verbs, *help;
    enum type type;
    size_t offset;
    double low, high;
} table[] = {
#define AT(field) offsetof(struct options, field)
    {"--study", "NAME", "run tail serve status forecast report top", "the sweep this trial belongs to (default: default)", TEXT, AT(study), 0, 0},
    {"--trial", "NAME", "run tail forecast", "name of this trial (default: a number)", TEXT, AT(trial), 0, 0},
    {"--metric", "NAME", "run tail serve forecast replay study", "metric to judge (default: evaluation loss, else train loss)", TEXT, AT(metric), 0, 0},
    {"--goal", "min|max", "run tail serve forecast replay study", "direction in which it gets better (default: by its name)", GOAL, AT(goal), 0, 0},
    {"--horizon", "X", "run tail serve forecast replay study", "planned last step (default: as the log says)", NUMBER, AT(horizon), 1e-300, 1e300},
    {"--delta", "P", "run tail serve replay study", "share of the stopped that may be good enough (default: the study's)", NUMBER, AT(delta), 1e-9, 0.999},
    {"--target", "V", "run tail serve replay study", "good enough = at least as good as V", NUMBER, AT(target), -1e300, 1e300},
    {"--keep", "K", "run tail serve replay study", "good enough = among the best K (default: 1)", NUMBER, AT(keep), 1, 1e6},
    {"--tolerance", "SHARE", "run tail serve replay study", "an edge below SHARE of the trials' spread is no edge (0.01)", NUMBER, AT(tolerance), 0, 10},
    {"--min-delta", "V", "run tail serve replay study", "an edge below V, in the metric's unit, is no edge either (0)", NUMBER, AT(min_delta), 0, 1e300},
    {"--worth", "V", "run tail serve replay study", "instead of --delta: a good trial's worth in runs (or --price, --hours: $)", NUMBER, AT(worth), 1e-9, 1e300},
    {"--learn-from", "STUDY", "run tail study", "earlier study that sharpens this one, or none (default: same command)", LIST, AT(learn_from), 0, 0},
    {"--dry-run", NULL, "run tail", "judge and record, never stop", FLAG, AT(dry_run), 0, 0},
    {"--grace", "SECONDS", "run", "between asking to end and killing (default: 30)", NUMBER, AT(grace), 0, 1e6},
    {"--stop-exit-code", "N", "run tail", "exit status after a stop (default: 99)", NUMBER, AT(stop_exit_code), 0, 255},
    {"--metric-regex", "RE", "run tail forecast read replay study", "PCRE2; groups 'name' and 'value', or one group", TEXT, AT(metric_regex), 0, 0},
    {"--x-regex", "RE", "run tail forecast read replay study", "PCRE2; its first group is the step", TEXT, AT(x_regex), 0, 0},
    {"--checkpoint-glob", "GLOB", "run thaw", "where checkpoints lie, the newest counts; {trial} is the trial's name", TEXT, AT(checkpoint_glob), 0, 0},
    {"--resume-arg", "WORDS", "run thaw", "makes the command go on: '--resume {checkpoint}'", TEXT, AT(resume_arg), 0, 0},
    {"--from-checkpoint", "PATH", "run", "go on with the trial from there (the command sees FOREGONE_CHECKPOINT)", TEXT, AT(from_checkpoint), 0, 0},
    {"--run", NULL, "thaw", "go on with those that deserve it, one by one", FLAG, AT(go_on), 0, 0},
    {"--store", "URL", "run tail serve status thaw replay explain study report top", "where studies live (default: the XDG state directory)", TEXT, AT(store), 0, 0},
    {"--price", "DOLLARS", "run tail serve status thaw replay report study top", "price of an hour, to count savings in money", NUMBER, AT(price), 0, 1e9},
    {"-o", "FILE", "report", "where the page goes; - is standard output (default: foregone-STUDY.html)", TEXT, AT(output), 0, 0},
    {"--export", "FILE", "report", "all trials as a study archive, too (docs/WIRE.md; .gz is compressed)", TEXT, AT(export), 0, 0},
    {"--at", "X", "explain", "the verdict at X (default: where it stopped, else its last value)", NUMBER, AT(at), -1e300, 1e300},
    {"--hours", "H", "run tail serve replay study", "hours that a full run takes (replay: default as logs and archives tell)", NUMBER, AT(hours), 1e-9, 1e9},
    {"--trials", "N", "replay", "trials of a sweep (default: all; 20 of studies of more than 100)", NUMBER, AT(trials), 3, 1e6},
    {"--workers", "N", "replay", "trials that run at once (default: 1)", NUMBER, AT(workers), 1, 1e6},
    {"--orders", "N", "replay", "orders tried; 1 is the one given (default: 5 to 100)", NUMBER, AT(orders), 1, 1e6},
    {"--seed", "N", "replay", "of the orders (default: 0)", NUMBER, AT(seed), 0, 1e9},
    {"--svg", "FILE", "replay explain", "the plot as SVG, too", TEXT, AT(svg), 0, 0},
    {"--mkfifo", NULL, "tail", "make the named pipe first, for us alone (0600)", FLAG, AT(mkfifo), 0, 0},
    {"--quiet", NULL, "run tail", "say nothing but verdicts to stop", FLAG, AT(quiet), 0, 0},
    {"--batch", NULL, "forecast", "JSON lines in, JSON lines out (docs/WIRE.md)", FLAG, AT(batch), 0, 0},
    {"--stdio", NULL, "serve", "events on standard input, verdicts on standard output", FLAG, AT(stdio), 0, 0},
    {"--socket", "PATH", "serve", "the same on a Unix socket", TEXT, AT(socket), 0, 0},
    {"--stop-when-converged", NULL, "run tail serve replay", "end a trial that has next to nothing more to gain", FLAG, AT(stop_when_converged), 0, 0},
    {"--thaw", NULL, "run serve", "stopped trials may go on later: a race of short legs", FLAG, AT(thaw), 0, 0},
    {"--only", "NAME", "study", "import: the runs of that study of the archive", TEXT, AT(only), 0, 0},
    {"--undo", NULL, "study", "good: take the mark away again", FLAG, AT(undo), 0, 0},
    {"--json", NULL, "status thaw read forecast replay explain study", "for programs: JSON lines", FLAG, AT(json), 0, 0},
};
#define ROWS (sizeof table / sizeof *table)

static bool takes(const char *verb, const struct option *o)
{
    size_t n = strlen(verb);
    for (const char *at = o->verbs; (at = strstr(at, verb)); at += n)
        if ((at == o->verbs || at[-1] == ' ') && (!at[n] || at[n] == ' ')) return true;
    return false;
}

void options_print(const char *verb)
{
    for (size_t i = 0; i < ROWS; i++) {
        char left[64];
        if (!takes(verb, &table[i])) continue;
        snprintf(left, sizeof left, "%s%s%s", table[i].name, table[i].argument ? " " : "", table[i].argument ? table[i].argument : "");
        printf("  %-24s %s\n", left, table[i].help);
    }
}

static const char *about_usage = "", *about_summary = "";

void options_about(const char *usage, const char *summary) { about_usage = usage, about_summary = summary; }

static int help(const char *verb)
{
    printf("usage: foregone %s %s\n\n%s\n\n", verb, about_usage, about_summary);
    options_print(verb);
    printf("  %-24s %s\n", "--help", "this text");
    return -1;
}

static int misuse(const char *verb, const char *what, const char *about)
{
    fprintf(stderr, "foregone %s: %s: %s. See: foregone %s --help\n", verb, what, about, verb);
    return -1 - EXIT_MISUSE;
}

/* The joined text lives as long as the process. */
static bool append(const char **list, const char *text)
{
    char *joined;
    if (!*list) return *list = text, true;
    if (asprintf(&joined, "%s,%s", *list, text) < 0) return false;
    *list = joined;
    return true;
}

static bool set(struct options *options, const struct option *o, const char *text)
{
    void *field = (char *)options + o->offset;
    char *end;
    switch (o->type) {
    case FLAG: return *(bool *)field = true;
    case TEXT: return *(const char **)field = text, *text;
    case LIST: return *text && append(field, text);
    case GOAL: return metric_goal_parse(text, field);
    case NUMBER:
        *(double *)field = strtod(text, &end);
        return end != text && !*end && *(double *)field >= o->low && *(double *)field <= o->high;
    }
    return false;
}

static const struct option *row_of(const char *verb, const char *argument, size_t length)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strlen(table[i].name) == length && !strncmp(table[i].name, argument, length) && takes(verb, &table[i])) return &table[i];
    return NULL;
}

static struct options defaults(void)
{
    return (struct options){.horizon = NAN, .delta = NAN, .target = NAN, .keep = NAN, .tolerance = NAN, .min_delta = NAN, .worth = NAN, .grace = 30, .stop_exit_code = EXIT_STOPPED, .price = NAN, .workers = 1, .at = NAN};
}

static void to_the_end(char **argv, int i, int argc)
{
    char *word = argv[i];
    memmove(argv + i, argv + i + 1, (size_t)(argc - i - 1) * sizeof *argv);
    argv[argc - 1] = word;
}

/* The option at argv[*i], which moves on to its value. 0, or the negative number of options_parse. */
static int take(struct options *options, int *i, int end, char **argv)
{
    const char *name = argv[*i], *equals = strchr(name, '='), *text = equals ? equals + 1 : NULL;
    const struct option *o = row_of(argv[0], name, equals ? (size_t)(equals - name) : strlen(name));
    if (!o) return misuse(argv[0], name, "no such option");
    if (o->type == FLAG ? text != NULL : !text && *i + 1 == end) return misuse(argv[0], name, o->type == FLAG ? "takes no value" : "a value is missing");
    if (o->type != FLAG && !text) text = argv[++*i];
    if (set(options, o, text)) return 0;
    char about[160];
    snprintf(about, sizeof about, "'%.60s' is not %s%s (%.50s)", text, o->type == NUMBER ? "a number in range for " : "", o->argument, o->help);
    return misuse(argv[0], name, about);
}

/* What a good trial is worth becomes a number of full runs. 0, or the negative number of options_parse. */
static int weigh(struct options *o, const char *verb)
{
    if (isnan(o->worth)) return 0;
    if (!isnan(o->delta)) return misuse(verb, "--worth", "takes the place of --delta; give one of them");
    if (o->price > 0 && !(o->hours > 0)) return misuse(verb, "--worth", "in dollars needs --hours, too: what a full run takes");
    if (o->price > 0) o->worth /= o->price * o->hours;
    return o->worth > 1 ? 0 : misuse(verb, "--worth", "a good trial must be worth more than the one run that finds it");
}

static int parse(struct options *options, int argc, char **argv)
{
    bool command = !strcmp(argv[0], "run");
    int end = argc, status; /* operands that were met gather behind it */
    *options = defaults();
    for (int i = 1; i < end; i++) {
        if (!strcmp(argv[i], "--")) {
            for (int rest = end - i - 1; rest--;) to_the_end(argv, i + 1, argc);
            return i + 1;
        }
        if (argv[i][0] != '-' || !argv[i][1]) {
            if (command) return i;
            to_the_end(argv, i--, argc);
            end--;
            continue;
        }
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) return help(argv[0]);
        if ((status = take(options, &i, end, argv))) return status;
    }
    return end;
}

int options_parse(struct options *options, int argc, char **argv)
{
    int first = parse(options, argc, argv), status = first < 0 ? 0 : weigh(options, argv[0]);
    return status ? status : first;
}

int options_only(struct options *options, int argc, char **argv)
{
    int first = options_parse(options, argc, argv);
    if (first < 0) return first;
    return first < argc ? misuse(argv[0], argv[first], "takes options only") : 0;
}

struct policy options_policy(const struct options *o)
{
    struct policy policy = policy_defaults();
    policy.metric = o->metric;
    policy.goal = o->goal;
    if (!isnan(o->delta)) policy.delta = o->delta;
    policy.target = o->target;
    if (!isnan(o->keep)) policy.keep = (unsigned)o->keep;
    if (!isnan(o->tolerance)) policy.tolerance = o->tolerance;
    if (!isnan(o->min_delta)) policy.min_delta = o->min_delta;
    if (!isnan(o->worth)) policy_weigh(&policy, o->worth);
    policy.horizon = o->horizon;
    policy.thaw = o->thaw;
    policy.stop_when_converged = o->stop_when_converged;
    return policy;
}
