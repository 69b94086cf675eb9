#include "session.h"

#include "judge/looks.h"

#include "study/company.h"
#include "study/elders.h"
#include "events/recording.h"
#include "study/place.h"
#include "study/recall.h"
#include "resume.h"
#include "options/settings.h"
#include "source/beside.h"
#include "stopper/stopper.h"
#include "study/trial_state.h"
#include "options/exits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define AT_ONCE 32          /* metrics of one moment */
#define BAR_SLACK 0.2       /* by which two ends that a bar gives may differ */
#define QUIET_LINES 2000    /* lines without a metric after which we say so */

struct session {
    const struct options *options;
    struct store_settings settings; /* as they hold for the study */
    struct policy policy;
    struct company *company;                  /* with whom it shares the judge; NULL: nobody */
    struct judge *judge;
    struct service *service;
    struct store *store;
    struct recording *stream[SESSION_STREAMS_MAX];
    size_t n_streams;
    char name[64];
    char as[64];                              /* what the judge calls it */
    int64_t id;
    struct recalled recalled;
    struct axis axis;
    double x;
    struct looks looks;
    size_t calls;                             /* places passed at which one is noted */
    double called_x;                          /* of the last one before this start; -INFINITY: there was none */
    size_t n;                                 /* metrics that wait for their moment to be complete */
    struct judge_value values[AT_ONCE];
    char names[AT_ONCE][96];
    uint64_t without_x;
    bool mid_line[2];                         /* the program's own output stands in the middle of a line (a bar) */
    bool was_stopped;                         /* before this start: it goes on */
    bool can_go_on;                           /* what is stopped now leaves a checkpoint */
    bool has_checkpoint;                      /* the hook told one */
    double began;                             /* seconds since 1970 */
    bool owes_axis;                           /* the study has not got our axis and horizon yet */
    bool stated, withdrawn;                   /* the horizon is one that the log states; it was, and is unknown now */
    struct { double x, horizon, done, total; uint64_t values; bool agreed; } bar; /* when a bar last moved; it moves with x */
    bool followed, recalling, hooked, stopping, would_stop, said_nothing, said_store;
    struct verdict stop;
    char metric[96];
};

static void say(const struct session *s, const char *text, bool important)
{
    bool colour = isatty(STDERR_FILENO) && !getenv("NO_COLOR");
    if (s->options->quiet && !important) return;
    fprintf(stderr, "%s%sforegone:%s %s\n", s->mid_line[0] || s->mid_line[1] ? "\n" : "", colour ? "\033[1;36m" : "", colour ? "\033[0m" : "", text);
}

/* ---- memory ---------------------------------------------------------------------------------------------------------------- */

static void store_trouble(struct session *s, const char *error)
{
    char text[STORE_ERROR + 64];
    if (s->said_store) return;
    s->said_store = true;
    snprintf(text, sizeof text, "%s (the training goes on; other trials will not see this one)", error);
    say(s, text, true);
}

static void drop_store(struct session *s, const char *error)
{
    store_trouble(s, error);
    store_close(s->store);
    s->store = NULL;
}

static const char *study_of(const struct options *o) { return o->study ? o->study : "default"; }

/* What was given must not contradict the study; what was not given is as the study has it, and where that has nothing yet, the default,
 * which then holds for the study: a later version with another default does not change a sweep half-way. A trial that goes on was started under
 * what the study said then and goes on under what it says now. */
static enum store_agreement agree(struct session *s, const struct session_trial *trial, char error[STORE_ERROR])
{
    const struct store_settings given = s->options->from_checkpoint ? store_no_settings() : settings_given(s->options);
    struct store_settings settings = given;
    char directory[2048];
    enum store_agreement got = store_agree(s->store, &settings, error);
    if (got != STORE_AGREED) return got;
    settings_to_policy(&settings, &s->policy);
    settings.delta = s->policy.delta, settings.keep = s->policy.keep, settings.tolerance = s->policy.tolerance, settings.min_delta = s->policy.min_delta;
    if (isnan(settings.worth)) settings.worth = 0;
    const char *command = trial->followed || !getcwd(directory, sizeof directory) ? "" : trial->command; /* a log's path is no command */
    if (!*settings.learn_from) elders_choose(s->store, settings.metric, command, directory, settings.learn_from, sizeof settings.learn_from);
    got = store_agree(s->store, &settings, error);
    if (got == STORE_CONFLICT) settings = given, got = store_agree(s->store, &settings, error); /* another first trial has set meanwhile what we left open */
    if (got == STORE_AGREED) s->settings = settings, settings_to_policy(&s->settings, &s->policy);
    return got;
}

static void say_renamed(const struct session *s, const char *name)
{
    char text[240];
    snprintf(text, sizeof text, "a trial %s is running in another process: this one is trial %s. Give each its own --trial", name, s->name);
    say(s, text, true);
}

static void begin_trial(struct session *s, const struct session_trial *trial)
{
    char error[STORE_ERROR] = "", directory[2048];
    if (!getcwd(directory, sizeof directory)) *directory = 0;
    s->id = store_trial_begin(s->store, trial->name, trial->command, directory, trial->pid, (int64_t)stopper_start_of((pid_t)trial->pid), error);
    if (s->id < 0) drop_store(s, error);
    else snprintf(s->name, sizeof s->name, "%s", store_trial_name(s->store, s->id));
    if (s->id >= 0 && trial->name && strncmp(trial->name, s->name, sizeof s->name - 1)) say_renamed(s, trial->name);
}

/* False: a setting that contradicts the study's, or an earlier study that is not there, said on stderr. All else that may be wrong with the study is no reason not to train. */
static bool open_store(struct session *s, const struct session_trial *trial)
{
    char error[STORE_ERROR] = "";
    s->store = store_open(s->options->store, study_of(s->options), STORE_CREATE, error);
    if (!s->store) {
        store_trouble(s, error);
        return true;
    }
    store_set_liveness(s->store, process_alive);
    bool known = !s->options->learn_from || elders_are_there(s->store, s->options->learn_from, error);
    enum store_agreement got = known ? agree(s, trial, error) : STORE_CONFLICT;
    if (got == STORE_AGREED) begin_trial(s, trial);
    else if (got == STORE_TROUBLE) drop_store(s, error);
    else fprintf(stderr, "foregone: %s\n", error);
    return got != STORE_CONFLICT;
}

static void take_call(void *context, const struct store_verdict *call)
{
    struct session *s = context;
    s->called_x = fmax(s->called_x, call->x);
}

static void take_verdict(void *context, const struct store_verdict *v, double time)
{
    struct session *s = context;
    (void)time;
    s->would_stop = s->would_stop || (s->options->dry_run && v->dry_run && v->stop);
}

/* What was said of a trial before it was taken up again is not said again. */
static void remember_verdicts(struct session *s)
{
    s->called_x = -INFINITY;
    if (!s->store) return;
    store_each_call(s->store, s->id, take_call, s);
    store_each_verdict(s->store, s->id, take_verdict, s);
}

/* What it takes to go on with this trial later. A thawed trial keeps what it was first started with. */
static void note_start(struct session *s, const struct session_trial *trial)
{
    struct store_start start;
    if (!s->store) return;
    s->was_stopped = store_was_stopped(s->store, s->id);
    if (!trial->words || s->options->from_checkpoint || !resume_start_gather(&start, trial->words)) return;
    store_set_start(s->store, s->id, &start);
    resume_start_clear(&start);
}

/* Where a stop leaves no checkpoint it is for good, whatever --thaw says; and a dry run pauses nobody. */
static void find_whether_it_can_go_on(struct session *s)
{
    if (s->can_go_on || !s->options->thaw || s->options->dry_run) return;
    const char *pattern = s->options->checkpoint_glob;
    char *path = !s->hooked && pattern ? resume_newest(pattern, s->name, NULL, s->began, INFINITY) : NULL;
    s->can_go_on = s->hooked || s->options->from_checkpoint || path;
    judge_set_thaw(s->judge, s->can_go_on);
    free(path);
}

static void note_values(struct session *s, double x, const struct judge_value *values, size_t n)
{
    for (size_t i = 0; s->store && i < n; i++)
        if (values[i].meaning.goal != GOAL_NONE || values[i].meaning.kind == METRIC_RATE) store_observe(s->store, s->id, values[i].metric, x, values[i].value);
}

static struct store_verdict record_of(const struct session *s, const struct verdict *v)
{
    struct store_verdict record = {.stop = v->stop, .dry_run = s->options->dry_run, .reason = verdict_reason_word(v->reason), .rival = v->rival, .x = v->x,
                                   .p_good = v->p_good, .bar = v->bar, .mean = NAN, .q05 = NAN, .q50 = NAN, .q95 = NAN};
    if (v->has_forecast) record.mean = v->forecast.mean, record.q05 = v->forecast.q[4], record.q50 = v->forecast.q[49], record.q95 = v->forecast.q[94];
    return record;
}

/* Three times in a run a chance that had no consequence is written down, to be compared with the end. */
static void note_call(struct session *s, const struct verdict *v)
{
    static const double at[] = {0.125, 0.25, 0.5};
    double progress = v->x / s->axis.horizon, before = s->called_x / s->axis.horizon;
    while (s->calls < sizeof at / sizeof *at && before >= at[s->calls]) s->calls++;
    if (!s->store || v->stop || !v->has_forecast || s->calls == sizeof at / sizeof *at || !(progress >= at[s->calls])) return;
    while (s->calls < sizeof at / sizeof *at && progress >= at[s->calls]) s->calls++;
    struct store_verdict record = record_of(s, v);
    store_call(s->store, s->id, &record);
}

static void note_verdict(struct session *s, const struct verdict *v)
{
    struct store_verdict record = record_of(s, v);
    if (s->store) store_verdict(s->store, s->id, &record);
}

void session_learn(struct session *s)
{
    if (s->company) company_refresh(s->company);
    else if (s->store) recall_news(s->store, s->judge, &s->recalled, s->id, s->id);
}

/* ---- verdicts ---------------------------------------------------------------------------------------------------------------- */

static void sentence(const struct session *s, const struct verdict *v, char *text, size_t size)
{
    char place[64];
    int n = snprintf(text, size, "%s at %s: %s", s->options->dry_run ? "would stop" : "stopping", place_text(v->x, &s->axis, place, sizeof place), verdict_reason_sentence(v->reason));
    if (v->reason == REASON_HOPELESS && *v->rival) n += snprintf(text + n, size - (size_t)n, ": %s%.2g %% to beat trial %s (%.4g)", v->p_good < 0.001 ? "under " : "", 100 * fmax(v->p_good, 0.001), v->rival, v->bar);
    if (v->has_forecast) snprintf(text + n, size - (size_t)n, "; forecast %.4g [%.4g, %.4g]", v->forecast.q[49], v->forecast.q[4], v->forecast.q[94]);
}

static void act(struct session *s, const struct verdict *v)
{
    char text[400];
    if (v->reason == REASON_STOPPED_BEFORE || s->stopping || s->would_stop) return;
    sentence(s, v, text, sizeof text);
    note_verdict(s, v);
    if (s->store) store_flush(s->store, NULL);
    say(s, text, true);
    s->stop = *v;
    if (s->options->dry_run) s->would_stop = true;
    else s->stopping = true;
}

static void note_metric(struct session *s)
{
    enum metric_goal goal;
    const char *metric = judge_metric(s->judge, &goal);
    if (!metric || !strcmp(metric, s->metric)) return;
    snprintf(s->metric, sizeof s->metric, "%s", metric);
    if (s->store) store_note_metric(s->store, metric, metric_goal_text(goal));
}

static bool due(struct session *s, double x)
{
    bool judged = false;
    for (size_t i = 0; i < s->n; i++) judged = judged || !strcmp(s->values[i].metric, s->metric) || !isfinite(s->values[i].value);
    return judged && !s->stopping && !s->would_stop && looks_due(&s->looks, x, s->axis.horizon);
}

static void moment(struct session *s)
{
    struct verdict v;
    if (!s->n) return;
    bool look = due(s, s->x);
    if (look) find_whether_it_can_go_on(s);
    bool judged = !judge_log(s->judge, s->as, s->x, s->values, s->n, look ? &v : NULL) && look;
    if (judged) note_call(s, &v);
    if (judged && v.stop) act(s, &v);
    note_values(s, s->x, s->values, s->n);
    note_metric(s);
    s->n = 0;
}

/* ---- from the log -------------------------------------------------------------------------------------------------------------- */

/* What the study does not take now it is given again by session_keep. */
static void note_axis(struct session *s)
{
    bool known = !isnan(s->axis.horizon) || s->withdrawn;
    s->owes_axis = s->store && !(store_set_axis(s->store, s->id, s->axis.unit, s->axis.steps) && (!known || store_set_horizon(s->store, s->id, s->axis.horizon)));
}

static void set_axis(struct session *s, const char *unit, double steps)
{
    if (!strcmp(unit, s->axis.unit) && (steps == s->axis.steps || isnan(steps))) return;
    snprintf(s->axis.unit, sizeof s->axis.unit, "%s", unit);
    s->axis.steps = steps;
    note_axis(s);
}

static void set_horizon(struct session *s, double horizon)
{
    if (fabs(horizon - s->axis.horizon) <= 1e-3 * horizon) return;
    s->axis.horizon = horizon, s->withdrawn = isnan(horizon);
    judge_set_horizon(s->judge, s->as, horizon);
    note_axis(s);
}

void session_keep(struct session *s)
{
    char error[STORE_ERROR] = "";
    if (s->owes_axis) note_axis(s);
    if (s->store && !store_flush(s->store, error)) store_trouble(s, error);
}

/* The share done by a bar, which may be on another stream: values on stdout, the bar on stderr. */
static struct reader_facts with_bar(const struct session *s, struct reader_facts facts)
{
    for (size_t i = 0; i < s->n_streams && !(facts.bar_done > 0); i++) {
        struct reader_facts other = recording_facts(s->stream[i]).facts;
        facts.bar_done = other.bar_done, facts.bar_total = other.bar_total;
    }
    return facts;
}

/* A bar that moves with x says the same end each time. One of an evaluation, or of the data that were loaded before, does not. Often a bar is drawn a
 * little late: when it has caught up with x, what it says is more exact. */
static bool bar_agrees(struct session *s, double x, double horizon, const struct reader_facts *facts)
{
    bool same = s->bar.total == facts->bar_total, moved = same && facts->bar_done > s->bar.done, on = moved && x > s->bar.x, catches_up = moved && x == s->bar.x;
    bool near = fabs(horizon - s->bar.horizon) <= BAR_SLACK * horizon, agreed = on ? near : same && s->bar.agreed;
    if (!on && !catches_up && same && facts->bar_done >= s->bar.done) return false;
    s->bar.x = x, s->bar.horizon = horizon, s->bar.done = facts->bar_done, s->bar.total = facts->bar_total, s->bar.agreed = agreed;
    return (on || catches_up) && agreed && near;
}

static void horizon_by_bar(struct session *s, struct reader_facts facts)
{
    double x = facts.total_unit ? facts.x : (double)s->without_x;
    facts = with_bar(s, facts);
    double horizon = x * facts.bar_total / facts.bar_done;
    bool logged = facts.values != s->bar.values; /* between values the bar goes on and x does not */
    s->bar.values = facts.values;
    if (!logged || !(x > 0) || !(facts.bar_done > 0) || !bar_agrees(s, x, horizon, &facts)) return;
    set_axis(s, facts.total_unit ? facts.total_unit : "value", facts.bar_total);
    set_horizon(s, horizon);
}

/* The log went on where its end was said to be, or said another: better none than a wrong one. */
static void withdraw_horizon(struct session *s)
{
    if (s->stated) set_horizon(s, NAN);
    s->stated = false;
}

static void find_horizon(struct session *s)
{
    bool given = !isnan(s->options->horizon);
    if (s->hooked) return;
    for (size_t i = 0; i < s->n_streams; i++) {
        struct reader_facts facts = recording_facts(s->stream[i]).facts;
        if (!facts.values) continue;
        if ((given || facts.total > 0) && facts.total_unit) set_axis(s, facts.total_unit, NAN);
        if (given) return;
        s->stated |= facts.total > 0;
        if (facts.total > 0) set_horizon(s, facts.total);
        else withdraw_horizon(s), horizon_by_bar(s, facts);
        return;
    }
}

static void on_observation(void *context, const struct observation *o)
{
    struct session *s = context;
    double x = isnan(o->x) ? (double)s->without_x++ : o->x;
    if (s->hooked || s->recalling) return;
    if ((s->n && x != s->x) || s->n == AT_ONCE) {
        find_horizon(s);
        moment(s);
    }
    s->x = x;
    snprintf(s->names[s->n], sizeof s->names[s->n], "%s", o->metric);
    s->values[s->n] = (struct judge_value){s->names[s->n], {o->kind, o->goal}, o->value};
    s->n++;
}

static void say_if_nothing(struct session *s)
{
    uint64_t values = 0, lines = 0;
    if (s->said_nothing || s->hooked) return;
    for (size_t i = 0; i < s->n_streams; i++) {
        struct reader_facts facts = recording_facts(s->stream[i]).facts;
        values += facts.values, lines += facts.lines;
    }
    if (values || lines < QUIET_LINES) return;
    s->said_nothing = true;
    say(s, "no metric in the first lines of the output; name it with --metric-regex (the training goes on)", false);
}

void session_feed(struct session *s, int stream, const char *bytes, size_t length)
{
    recording_feed(s->stream[stream], bytes, length);
    if (length && !s->followed) s->mid_line[stream] = bytes[length - 1] != '\n';
    find_horizon(s);
    moment(s);
    say_if_nothing(s);
}

void session_recall(struct session *s, int stream, const char *bytes, size_t length)
{
    s->recalling = true;
    recording_feed(s->stream[stream], bytes, length);
    s->recalling = false;
    find_horizon(s);
}

void session_rotated(struct session *s, int stream)
{
    recording_rotated(s->stream[stream]);
    moment(s);
}

/* ---- from a hook ----------------------------------------------------------------------------------------------------------------- */

static void note_hp(struct session *s, const json_t *hp)
{
    char *text = s->store && json_object_size(hp) ? json_dumps(hp, JSON_COMPACT) : NULL;
    if (text) store_set_hp(s->store, s->id, text);
    free(text);
}

static void hook_start(void *context, const char *trial, double horizon, const json_t *event)
{
    struct session *s = context;
    if (strcmp(trial, s->name)) return;
    s->hooked = true;
    find_whether_it_can_go_on(s);
    set_axis(s, "step", NAN);
    if (horizon > 0) s->axis.horizon = horizon;
    if (s->store && horizon > 0) store_set_horizon(s->store, s->id, horizon);
    note_hp(s, json_object_get(event, "hp"));
}

static void hook_log(void *context, const char *trial, double x, const struct judge_value *values, size_t n, const struct verdict *v)
{
    struct session *s = context;
    if (strcmp(trial, s->name)) return;
    s->hooked = true;
    s->x = x;
    note_values(s, x, values, n);
    note_metric(s);
    note_call(s, v);
    if (v->stop) act(s, v);
}

static void hook_checkpoint(void *context, const char *trial, const char *path)
{
    struct session *s = context;
    if (s->store && !strcmp(trial, s->name)) s->has_checkpoint = store_set_checkpoint(s->store, s->id, path);
}

static void setting_of(const struct session *s, const char *path, char name[4300]) { snprintf(name, 4300, "place %s %s", s->name, path); }

/* "offset mark", the mark in hexadecimal. */
bool session_place(struct session *s, const char *path, struct follow_place *place)
{
    char name[4300];
    int at = 0;
    long long offset;
    unsigned byte;
    *place = (struct follow_place){0};
    if (!s->store) return false;
    setting_of(s, path, name);
    const char *text = store_setting(s->store, name);
    if (sscanf(text, "%lld %n", &offset, &at) != 1 || offset <= 0) return false;
    place->offset = (off_t)offset;
    for (text += at; place->mark_length < FOLLOW_MARK && sscanf(text, "%2x", &byte) == 1; text += 2) place->mark[place->mark_length++] = (char)byte;
    return true;
}

void session_set_place(struct session *s, const char *path, const struct follow_place *place)
{
    char name[4300], text[32 + 2 * FOLLOW_MARK];
    if (!s->store || place->offset <= 0) return;
    setting_of(s, path, name);
    int n = snprintf(text, sizeof text, "%lld ", (long long)place->offset);
    for (size_t i = 0; i < place->mark_length; i++) n += snprintf(text + n, sizeof text - (size_t)n, "%02x", (unsigned char)place->mark[i]);
    store_set_setting(s->store, name, text);
}

struct service *session_service(struct session *s) { return s->service; }
const char *session_trial_name(const struct session *s) { return s->name; }
const struct verdict *session_stop(struct session *s) { return s->stopping ? &s->stop : NULL; }
bool session_hooked(const struct session *s) { return s->hooked; }

/* ---- life ------------------------------------------------------------------------------------------------------------------------ */

static void take_setting(void *recording, const char *name, double value) { recording_setting(recording, name, value); }

int session_stream(struct session *s, const char *path, const char *prefix)
{
    struct reader_options how = {s->options->metric_regex, s->options->x_regex};
    char error[256] = "";
    if (s->n_streams == SESSION_STREAMS_MAX) return -1;
    struct recording *r = recording_create(&how, on_observation, s, error, sizeof error);
    if (!r) {
        fprintf(stderr, "foregone: %s\n", error);
        return -1;
    }
    recording_set_source(r, path, prefix);
    settings_beside(path, take_setting, r);
    s->stream[s->n_streams] = r;
    return (int)s->n_streams++;
}

/* Of a program that we started: its standard output and standard error. */
static bool own_streams(struct session *s) { return s->followed || (session_stream(s, "", "") == 0 && session_stream(s, "", "") == 1); }

static void say_elders(const struct session *s, unsigned told)
{
    char text[STORE_ERROR];
    if (!told) return;
    snprintf(text, sizeof text, "forecasts learn from %u earlier trials of %.200s (--learn-from none: from none)", told, s->settings.learn_from);
    say(s, text, false);
}

/* Joins another one that this process follows, where it may; else it has a company of its own, or at least a judge. */
static bool take_judge(struct session *s, const struct session *beside)
{
    if (s->followed && s->store && beside) s->company = company_join(beside->company, &s->settings);
    if (s->followed && s->store && !s->company && (s->company = company_create(s->options, study_of(s->options), &s->settings))) say_elders(s, company_elders(s->company));
    s->judge = s->company ? company_judge(s->company) : judge_create(&s->policy);
    return s->judge;
}

/* What the study knows, and of this trial from before. */
static bool begin_judging(struct session *s)
{
    if (s->company) {
        company_refresh(s->company);
        snprintf(s->as, sizeof s->as, "\2%lld", (long long)s->id); /* no trial of a user is called so */
        return judge_start_apart(s->judge, s->as, s->name, s->axis.horizon) == CF_OK;
    }
    snprintf(s->as, sizeof s->as, "%s", s->name);
    bool ok = judge_start(s->judge, s->as, s->axis.horizon) == CF_OK;
    if (s->store) say_elders(s, elders_tell(s->store, s->settings.learn_from, s->judge));
    if (s->store) recall(s->store, s->judge, &s->recalled.cursor, -1, s->id);
    return ok;
}

struct session *session_create(const struct options *options, const struct session_trial *trial)
{
    struct session *s = calloc(1, sizeof *s);
    if (!s) return NULL;
    s->options = options, s->policy = options_policy(options), s->followed = trial->followed, s->began = (double)time(NULL);
    s->axis = (struct axis){"", options->horizon, NAN};
    snprintf(s->name, sizeof s->name, "%s", trial->name ? trial->name : "trial");
    struct service_watch watch = {s, hook_start, hook_log, NULL, hook_checkpoint, options->dry_run};
    if (own_streams(s) && open_store(s, trial) && take_judge(s, trial->beside) && (s->service = service_create(&s->policy, s->judge, &watch))) {
        note_start(s, trial);
        remember_verdicts(s);
        judge_set_thaw(s->judge, false);
        find_whether_it_can_go_on(s);
        if (begin_judging(s)) {
            if (s->was_stopped) judge_resume(s->judge, s->as, NAN);
            return s;
        }
    }
    session_destroy(s);
    return NULL;
}

void session_destroy(struct session *s)
{
    if (!s) return;
    service_destroy(s->service);
    if (!s->company) judge_destroy(s->judge);
    company_leave(s->company);
    store_close(s->store);
    while (s->n_streams) recording_destroy(s->stream[--s->n_streams]);
    free(s);
}

/* The hook tells its checkpoints. For other programs the newest file since the trial began is taken, when it has ended. */
static void find_checkpoint(struct session *s)
{
    const char *pattern = s->options->checkpoint_glob;
    char *path = s->store && pattern && !s->has_checkpoint ? resume_newest(pattern, s->name, NULL, s->began, INFINITY) : NULL;
    if (path) store_set_checkpoint(s->store, s->id, path);
    free(path);
}

static void say_end(struct session *s, const char *status)
{
    char text[240];
    const char *study = study_of(s->options);
    if (!s->looks.n && !s->hooked) snprintf(text, sizeof text, "trial %s: %s; no metric was judged. What it sees in a log: foregone read LOG", s->name, status);
    else snprintf(text, sizeof text, "trial %s: %s. The sweep so far: foregone status --study %s", s->name, status, study);
    say(s, text, false);
}

void session_end(struct session *s, int exit_status, bool stopped)
{
    const char *status = stopped ? "stopped" : exit_status < 0 ? "lost" : exit_status ? "failed" : "complete";
    char error[STORE_ERROR] = "";
    for (size_t i = 0; i < s->n_streams; i++) recording_end(s->stream[i]);
    find_horizon(s);
    moment(s);
    if (stopped) find_checkpoint(s);
    if (s->store && (!store_end(s->store, s->id, status, exit_status) || !store_flush(s->store, error))) store_trouble(s, error);
    say_end(s, status);
}
