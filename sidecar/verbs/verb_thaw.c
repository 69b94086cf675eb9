/* thaw: which stopped trials deserve to go on now that more is known, and going on with them, one by one, from their checkpoints. Each goes on
 * under `run`, as it was started, with --from-checkpoint: so through the same verdict, and it may be stopped again. */
#include "study/elders.h"
#include "judge/judge.h"
#include "options/options.h"
#include "protocol/json.h"
#include "study/recall.h"
#include "session/resume.h"
#include "options/settings.h"
#include "study/trial_state.h"
#include "study/trial_text.h"
#include "verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#define STARTS_MOST 8 /* of one trial in one call */

/* A stopped trial: the verdict on it if it went on now, and what stands in the way. */
struct candidate {
    int64_t id;
    char *name, *checkpoint, *directory;
    struct store_start start;
    struct options options; /* with which it was started; its texts point into words */
    char **words, **command;
    struct verdict verdict;
    double deserves, seconds, stopped_x;
    char place[64], obstacle[320]; /* obstacle "": none */
};

struct thaw {
    const struct options *options;
    const char *study;
    char directory[4096]; /* of studies, absolute */
    struct store *store;
    struct candidate *list;
    size_t n;
    struct judge *judge;
    bool out_of_memory;
};

/* ---- the stopped trials ---------------------------------------------------------------------------------------------------------------- */

/* One that was stopped, and is not under way or done since. What failed or was killed while it went on is as good as it was. */
static bool is_candidate(struct thaw *thaw, const struct store_trial *t)
{
    const char *state = trial_state(t);
    if (!strcmp(state, "stopped")) return !trial_converged(t);
    return (!strcmp(state, "failed") || !strcmp(state, "lost")) && store_was_stopped(thaw->store, t->id);
}

static void *copy_of(const void *bytes, size_t size)
{
    void *copy = malloc(size + 1);
    if (copy && size) memcpy(copy, bytes, size);
    return copy;
}

/* The options and the command it was started with; options that this version does not know leave it without a command. */
static void understand_words(struct candidate *c)
{
    c->words = resume_words(&c->start);
    int n = 0;
    while (c->words && c->words[n]) n++;
    int first = n ? options_parse(&c->options, n, c->words) : -1;
    if (first > 0 && first < n) c->command = c->words + first;
}

static const char *first_of(const char *a, const char *b) { return a ? a : b; }

/* The checkpoint that was noted at the stop. Where none was: the newest match of --checkpoint-glob (of this call, or of its start) from the time
 * when it ran. One that was killed while it went on may have newer ones, if the glob tells its own from others'. */
static char *find_checkpoint(const struct thaw *thaw, const struct candidate *c, const struct store_trial *t)
{
    const char *pattern = first_of(thaw->options->checkpoint_glob, c->command ? c->options.checkpoint_glob : NULL);
    bool killed = !(t->ended > 0), look = pattern && (killed ? strstr(pattern, "{trial}") != NULL : !*t->checkpoint);
    char *found = look ? resume_newest(pattern, t->name, t->directory, floor(t->started), killed ? INFINITY : t->ended) : NULL;
    return found ? found : strdup(t->checkpoint);
}

static void find_obstacle(const struct thaw *thaw, struct candidate *c, bool by_glob)
{
    const char *resume = first_of(thaw->options->resume_arg, c->command ? c->options.resume_arg : NULL);
    if (!c->command) snprintf(c->obstacle, sizeof c->obstacle, "how it was started is not known");
    else if (!*c->checkpoint) snprintf(c->obstacle, sizeof c->obstacle, "it left no checkpoint that is known: use a hook, or name them with --checkpoint-glob GLOB");
    else if (access(c->checkpoint, R_OK)) snprintf(c->obstacle, sizeof c->obstacle, "its checkpoint is not there any more: %.240s", c->checkpoint);
    else if (by_glob && !resume) snprintf(c->obstacle, sizeof c->obstacle, "how it goes on is not known: --resume-arg '--resume {checkpoint}' (' ' where the command reads FOREGONE_CHECKPOINT)");
}

static bool fill(struct thaw *thaw, struct candidate *c, const struct store_trial *t)
{
    *c = (struct candidate){.id = t->id, .seconds = trial_seconds_left(t), .stopped_x = trial_reached(t), .deserves = -INFINITY};
    c->name = strdup(t->name), c->directory = strdup(t->directory);
    c->start = (struct store_start){copy_of(t->start.words, t->start.words_size), t->start.words_size, copy_of(t->start.environment, t->start.environment_size), t->start.environment_size};
    if (!c->name || !c->directory || !c->start.words || !c->start.environment) return false;
    trial_place(t, c->stopped_x, c->place, sizeof c->place);
    understand_words(c);
    if (!(c->checkpoint = find_checkpoint(thaw, c, t))) return false;
    find_obstacle(thaw, c, !*t->checkpoint || (c->command && c->options.checkpoint_glob));
    return true;
}

static void on_trial(void *context, const struct store_trial *t)
{
    struct thaw *thaw = context;
    if (thaw->out_of_memory || !is_candidate(thaw, t)) return;
    struct candidate *list = realloc(thaw->list, (thaw->n + 1) * sizeof *list);
    if (list) thaw->list = list;
    thaw->out_of_memory = !list || !fill(thaw, &list[thaw->n], t);
    if (list) thaw->n++;
}

static void candidate_clear(struct candidate *c)
{
    free(c->name), free(c->checkpoint), free(c->directory), free(c->words);
    resume_start_clear(&c->start);
}

static void forget_all(struct thaw *thaw)
{
    for (size_t i = 0; i < thaw->n; i++) candidate_clear(&thaw->list[i]);
    free(thaw->list);
    judge_destroy(thaw->judge);
    thaw->list = NULL, thaw->n = 0, thaw->judge = NULL;
}

/* ---- how good they are now ---------------------------------------------------------------------------------------------------------------- */

static int by_merit(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->deserves != y->deserves) return x->deserves < y->deserves ? 1 : -1;
    double p = isnan(x->verdict.p_good) ? 0 : x->verdict.p_good, q = isnan(y->verdict.p_good) ? 0 : y->verdict.p_good;
    return (p < q) - (p > q);
}

/* Reads the study anew and judges every stopped trial against all that is over, best first. False: out of memory. */
static bool look(struct thaw *thaw)
{
    int64_t cursor = 0;
    struct store_settings settings = store_settings_of(thaw->store);
    struct policy policy = options_policy(thaw->options);
    settings_to_policy(&settings, &policy);
    forget_all(thaw);
    store_each_trial(thaw->store, on_trial, thaw);
    thaw->judge = judge_create(&policy);
    if (thaw->out_of_memory || !thaw->judge) return false;
    judge_set_thaw(thaw->judge, true);
    elders_tell(thaw->store, settings.learn_from, thaw->judge);
    recall(thaw->store, thaw->judge, &cursor, -1, -1);
    for (size_t i = 0; i < thaw->n; i++) {
        judge_end(thaw->judge, thaw->list[i].name, TRIAL_STOPPED);
        judge_prospect(thaw->judge, thaw->list[i].name, &thaw->list[i].verdict, &thaw->list[i].deserves);
    }
    if (thaw->n) qsort(thaw->list, thaw->n, sizeof *thaw->list, by_merit);
    return true;
}

/* ---- the list ----------------------------------------------------------------------------------------------------------------------------- */

static double dollars(const struct thaw *thaw, double seconds) { return seconds / 3600 * thaw->options->price; }

static const char *cost_text(const struct thaw *thaw, double seconds, char *text, size_t size)
{
    char span[32];
    if (isnan(seconds)) snprintf(text, size, "an unknown time");
    else if (isnan(thaw->options->price)) snprintf(text, size, "%s", duration_text(seconds, span, sizeof span));
    else snprintf(text, size, "%s ($%.2f)", duration_text(seconds, span, sizeof span), dollars(thaw, seconds));
    return text;
}

static void print_candidate(const struct thaw *thaw, const struct candidate *c)
{
    char chance[24] = "?", cost[64], forecast[96] = "";
    const struct verdict *v = &c->verdict;
    if (!isnan(v->p_good)) snprintf(chance, sizeof chance, "%s%.2g %%", v->p_good < 0.001 ? "under " : "", 100 * fmax(v->p_good, 0.001));
    if (v->has_forecast) snprintf(forecast, sizeof forecast, "; forecast %.4g [%.4g, %.4g]", v->forecast.q[49], v->forecast.q[4], v->forecast.q[94]);
    printf("  %-12s %-16s stopped at %s%s; to finish: %s%s%s\n", chance, c->name, c->place, forecast, cost_text(thaw, c->seconds, cost, sizeof cost),
           isfinite(c->deserves) ? "" : "; not worth it", isfinite(c->deserves) && *c->obstacle ? "; cannot go on: " : "");
    if (isfinite(c->deserves) && *c->obstacle) printf("  %-12s %-16s %s\n", "", "", c->obstacle);
}

static void print_json(const struct thaw *thaw, const struct candidate *c)
{
    const struct verdict *v = &c->verdict;
    const double *q = v->has_forecast ? v->forecast.q : NULL;
    json_write_line(stdout, json_pack("{s:s, s:o, s:b, s:s, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:s, s:s}", "trial", c->name, "p_good", json_real_or_null(v->p_good), "deserves",
                                      isfinite(c->deserves), "reason", verdict_reason_word(v->reason), "stop_x", json_real_or_null(c->stopped_x), "bar", json_real_or_null(v->bar),
                                      "rival", v->rival, "q05", json_real_or_null(q ? q[4] : NAN), "q50", json_real_or_null(q ? q[49] : NAN), "q95", json_real_or_null(q ? q[94] : NAN),
                                      "seconds", json_real_or_null(c->seconds), "dollars", json_real_or_null(dollars(thaw, c->seconds)), "checkpoint", c->checkpoint,
                                      "obstacle", c->obstacle));
}

static void print_sum(const struct thaw *thaw)
{
    double seconds = 0;
    size_t deserve = 0, able = 0;
    char cost[64];
    for (size_t i = 0; i < thaw->n; i++) {
        if (!isfinite(thaw->list[i].deserves)) continue;
        deserve++, able += !*thaw->list[i].obstacle;
        seconds += thaw->list[i].seconds;
    }
    if (!thaw->n) puts("no stopped trial");
    else if (!deserve) printf("\nnone of the %zu stopped trials deserves to go on\n", thaw->n);
    else printf("\n%zu of %zu stopped trials deserve to go on: %s at most.%s%s\n", deserve, thaw->n, cost_text(thaw, seconds, cost, sizeof cost),
                able && !thaw->options->go_on ? " Go on with: foregone thaw --run " : "", able && !thaw->options->go_on ? thaw->study : "");
}

static void print_list(const struct thaw *thaw)
{
    enum metric_goal goal;
    const char *metric = judge_metric(thaw->judge, &goal);
    if (!thaw->options->json) printf("study %s%s%s: stopped trials by their chance now\n", thaw->study, metric ? ", judged by " : "", metric ? metric : "");
    for (size_t i = 0; i < thaw->n; i++) (thaw->options->json ? print_json : print_candidate)(thaw, &thaw->list[i]);
    if (!thaw->options->json) print_sum(thaw);
    fflush(stdout);
}

/* ---- going on ------------------------------------------------------------------------------------------------------------------------------ */

static volatile sig_atomic_t child, interrupted;

static void on_signal(int number)
{
    interrupted = number;
    if (child > 0) kill((pid_t)child, number);
}

static void catch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) sigaction(numbers[i], &(struct sigaction){.sa_handler = on_signal, .sa_flags = SA_RESTART}, NULL);
}

/* foregone run [options as it was started] [where it belongs] --from-checkpoint PATH -- COMMAND: the later of two options holds. */
static char **words_to_go_on(const struct thaw *thaw, const struct candidate *c)
{
    const char *more[] = {"--store", thaw->directory, "--study", thaw->study, "--trial", c->name, "--from-checkpoint", c->checkpoint,
                          thaw->options->resume_arg ? "--resume-arg" : NULL, thaw->options->resume_arg, NULL};
    size_t n = 0, at = 0;
    while (c->words[n]) n++;
    char **words = calloc(n + sizeof more / sizeof *more + 3, sizeof *words);
    if (!words) return NULL;
    words[at++] = "foregone";
    for (char **word = c->words; word < c->command; word++)
        if (word + 1 < c->command || strcmp(*word, "--")) words[at++] = *word;
    for (size_t i = 0; more[i]; i++) words[at++] = (char *)more[i];
    words[at++] = "--";
    for (char **word = c->command; *word; word++) words[at++] = *word;
    return words;
}

/* A process of its own from the start: a connection to the store must not be carried across a fork. */
static void become_run(const struct candidate *c, char **words) __attribute__((noreturn));
static void become_run(const struct candidate *c, char **words)
{
    const char *what = c->directory;
    if (!*c->directory || !chdir(c->directory)) {
        resume_environment(&c->start);
        execv(what = "/proc/self/exe", words);
    }
    fprintf(stderr, "foregone thaw: %s: %s\n", what, strerror(errno));
    _exit(EXIT_SYSTEM);
}

/* The exit status of run. */
static int go_on_with(const struct thaw *thaw, const struct candidate *c)
{
    int status;
    char **words = words_to_go_on(thaw, c);
    fflush(stdout);
    pid_t pid = words ? fork() : -1;
    if (pid == 0) become_run(c, words);
    free(words);
    if (pid < 0) return EXIT_SYSTEM;
    child = pid;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
    child = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* What this call has done with each trial. */
struct log { struct fate { int64_t id; unsigned starts; bool failed; } *fates; size_t n; };

/* NULL: out of memory. */
static struct fate *fate_of(struct log *log, int64_t id)
{
    for (size_t i = 0; i < log->n; i++)
        if (log->fates[i].id == id) return &log->fates[i];
    struct fate *fates = realloc(log->fates, (log->n + 1) * sizeof *fates);
    if (!fates) return NULL;
    log->fates = fates;
    fates[log->n] = (struct fate){.id = id};
    return &fates[log->n++];
}

/* The one that deserves it most, can go on, and has not failed in this call. */
static struct candidate *next_of(struct thaw *thaw, struct log *log)
{
    for (size_t i = 0; i < thaw->n; i++) {
        struct candidate *c = &thaw->list[i];
        struct fate *fate = isfinite(c->deserves) && !*c->obstacle ? fate_of(log, c->id) : NULL;
        if (fate && !fate->failed && fate->starts++ < STARTS_MOST) return c;
    }
    return NULL;
}

static void say_next(const struct thaw *thaw, const struct candidate *c)
{
    char cost[64], chance[48] = "";
    if (!isnan(c->verdict.p_good)) snprintf(chance, sizeof chance, ", %.2g %% chance", 100 * fmax(c->verdict.p_good, 0.001));
    fprintf(stderr, "foregone: going on with trial %s from %s (%s%s, %s to finish)\n", c->name, c->checkpoint, c->place, chance, cost_text(thaw, c->seconds, cost, sizeof cost));
}

/* False: it ended otherwise than by itself or on a verdict. */
static bool run_one(const struct thaw *thaw, const struct candidate *c)
{
    say_next(thaw, c);
    int status = go_on_with(thaw, c);
    if (interrupted || status == 0 || status == (int)c->options.stop_exit_code) return true;
    fprintf(stderr, "foregone: trial %s ended with status %d when it went on; what it had reached is kept, and its checkpoint is %s\n", c->name, status, c->checkpoint);
    return false;
}

static int run_all(struct thaw *thaw)
{
    struct log log = {0};
    struct candidate *c;
    int worst = 0;
    catch_signals();
    while (!interrupted && (c = next_of(thaw, &log))) {
        if (!run_one(thaw, c)) fate_of(&log, c->id)->failed = true, worst = EXIT_SYSTEM;
        if (!look(thaw)) break;
    }
    free(log.fates);
    return interrupted ? 128 + interrupted : worst;
}

/* One at a time for each study; the lock goes with the process, whatever ends it. */
static bool lock(const struct thaw *thaw)
{
    char path[4400];
    snprintf(path, sizeof path, "%s/%s.thaw", thaw->directory, thaw->study);
    int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 || !flock(fd, LOCK_EX | LOCK_NB)) return true;
    fprintf(stderr, "foregone thaw: another `foregone thaw --run %s` is at work\n", thaw->study);
    return false;
}

/* ---- the verb ------------------------------------------------------------------------------------------------------------------------------ */

static bool find_directory(struct thaw *thaw)
{
    char path[3500];
    return store_directory(thaw->options->store, path, sizeof path) && realpath(path, thaw->directory);
}

static int thaw_study(struct thaw *thaw)
{
    char error[STORE_ERROR] = "";
    if (!(thaw->store = store_open(thaw->options->store, thaw->study, STORE_EXISTING, error)) || !find_directory(thaw)) {
        fprintf(stderr, "foregone thaw: %s\n", *error ? error : strerror(errno));
        return EXIT_MISUSE;
    }
    if (thaw->options->go_on && !lock(thaw)) return EXIT_SYSTEM;
    if (!look(thaw)) {
        fputs("foregone thaw: out of memory\n", stderr);
        return EXIT_SYSTEM;
    }
    print_list(thaw);
    return thaw->options->go_on ? run_all(thaw) : 0;
}

int verb_thaw(int argc, char **argv)
{
    struct options options;
    int first = options_parse(&options, argc, argv);
    if (first < 0) return -1 - first;
    if (first != argc - 1) {
        fprintf(stderr, "foregone thaw: give one study, behind the options: foregone thaw STUDY   (foregone status lists them)\n");
        return EXIT_MISUSE;
    }
    struct thaw thaw = {.options = &options, .study = argv[first]};
    int status = thaw_study(&thaw);
    forget_all(&thaw);
    store_close(thaw.store);
    return status;
}
