#include "verbs.h"

#include <string.h>

static const struct verb verbs[] = {
    {"run", "[options] -- COMMAND [ARG ...]", "wrap a training command; its output passes through untouched", verb_run},
    {"tail", "[options] PATH ...|-", "follow log files, directories of runs, a named pipe, or standard input", verb_tail},
    {"status", "[--study NAME] [--json]", "the sweep so far, a sentence a trial", verb_status},
    {"thaw", "[--run] [options] STUDY", "which stopped trials deserve to go on, and going on with them", verb_thaw},
    {"top", "[--study NAME]", "the sweep as it runs: progress, chances, forecasts", verb_top},
    {"report", "[--study NAME] [-o FILE]", "the sweep as a page of HTML: every curve with its forecast", verb_report},
    {"explain", "[options] STUDY TRIAL", "why a trial was stopped, or why it was not", verb_explain},
    {"replay", "[options] FILE|FOLDER|STUDY ...", "what it would have done to trials that are over, beside other rules", verb_replay},
    {"study", "[PART] [STUDY] ...", "what studies remember: see it, take it along, bring old runs in, correct it", verb_study},
    {"forecast", "[options] [PATH ...]", "the forecast of a log, once", verb_forecast},
    {"serve", "--stdio | --socket PATH [options]", "JSON events in, verdicts out (docs/WIRE.md)", verb_serve},
    {"read", "[--json] PATH", "what it sees in a log, value by value", verb_read},
    {"formats", "", "the log formats it can read", verb_formats},
    {"families", "", "the curve families it can fit", verb_families},
};

const struct verb *verb_at(int i) { return i >= 0 && i < (int)(sizeof verbs / sizeof *verbs) ? &verbs[i] : NULL; }

const struct verb *verb_find(const char *name)
{
    for (int i = 0; verb_at(i); i++)
        if (!strcmp(verb_at(i)->name, name)) return verb_at(i);
    return NULL;
}
