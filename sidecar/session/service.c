#include "service.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define VALUES_MAX 64 /* metrics in one log event that are looked at */

struct service {
    struct policy policy;
    struct judge *judge;
    bool owns_judge;
    struct service_watch watch;
    char metric[96];
};

struct service *service_create(const struct policy *policy, struct judge *judge, const struct service_watch *watch)
{
    struct service *s = calloc(1, sizeof *s);
    if (!s) return NULL;
    s->policy = *policy;
    if (watch) s->watch = *watch;
    s->owns_judge = !judge;
    s->judge = judge ? judge : judge_create(policy);
    if (s->judge) return s;
    service_destroy(s);
    return NULL;
}

void service_destroy(struct service *s)
{
    if (s && s->owns_judge) judge_destroy(s->judge);
    free(s);
}

static json_t *error_line(const char *text) { return json_pack("{s:i, s:s, s:s}", "v", 1, "event", "error", "error", text); }

/* ---- events ----------------------------------------------------------------------------------------------------------------- */

static json_t *on_sweep(struct service *s, const json_t *e)
{
    double trials = 0, workers = 0;
    const char *metric = json_text_at(e, "metric"), *goal = json_text_at(e, "goal");
    if (goal && !metric_goal_parse(goal, &s->policy.goal)) return error_line("goal must be \"min\" or \"max\"");
    if (metric && !s->policy.metric) {
        snprintf(s->metric, sizeof s->metric, "%s", metric);
        s->policy.metric = s->metric;
    }
    json_number_at(e, "trials", &trials);
    json_number_at(e, "workers", &workers);
    s->policy.trials = trials > 0 ? (unsigned)trials : 0;
    s->policy.workers = workers > 0 ? (unsigned)workers : 0;
    if (!s->owns_judge) return NULL;
    struct judge *fresh = judge_create(&s->policy);
    if (!fresh) return error_line("out of memory");
    judge_destroy(s->judge);
    s->judge = fresh;
    return NULL;
}

static json_t *on_start(struct service *s, const json_t *e, const char *trial)
{
    double horizon = NAN;
    json_number_at(e, "horizon", &horizon);
    if (judge_start(s->judge, trial, horizon)) return error_line("out of memory");
    if (s->watch.start) s->watch.start(s->watch.context, trial, horizon, e);
    return NULL;
}

static size_t gather_values(const json_t *object, struct judge_value values[VALUES_MAX])
{
    size_t n = 0;
    const char *key;
    json_t *item;
    json_object_foreach((json_t *)object, key, item)
        if (n < VALUES_MAX && json_number_of(item, &values[n].value)) {
            values[n].metric = key;
            values[n++].meaning = metric_meaning_of(key);
        }
    return n;
}

static json_t *final_of(const struct verdict *v)
{
    if (!v->has_forecast) return json_null();
    const cf_forecast *f = &v->forecast;
    return json_pack("{s:f, s:f, s:f, s:f}", "mean", f->mean, "q05", f->q[4], "q50", f->q[49], "q95", f->q[94]);
}

static json_t *verdict_line(const char *trial, double x, const struct verdict *v, bool stop)
{
    return json_pack("{s:i, s:s, s:s, s:f, s:s, s:s, s:o, s:o}", "v", 1, "event", "verdict", "trial", trial, "x", x, "verdict", stop ? "stop" : "continue",
                     "reason", verdict_reason_word(v->reason), "p_good", json_real_or_null(v->p_good), "final", final_of(v));
}

static json_t *on_log(struct service *s, const json_t *e, const char *trial)
{
    struct judge_value values[VALUES_MAX];
    struct verdict v;
    double x;
    if (!json_number_at(e, "x", &x) || !isfinite(x)) return error_line("log: x must be a number");
    if (!json_is_object(json_object_get(e, "values"))) return error_line("log: values must be an object of numbers");
    size_t n = gather_values(json_object_get(e, "values"), values);
    if (judge_log(s->judge, trial, x, values, n, &v)) return error_line("out of memory");
    if (s->watch.log) s->watch.log(s->watch.context, trial, x, values, n, &v);
    return verdict_line(trial, x, &v, v.stop && !s->watch.dry_run);
}

static json_t *on_end(struct service *s, const json_t *e, const char *trial)
{
    const char *word = json_text_at(e, "status");
    enum trial_status status = word && !strcmp(word, "stopped") ? TRIAL_STOPPED : word && !strcmp(word, "failed") ? TRIAL_FAILED : TRIAL_COMPLETE;
    if (judge_end(s->judge, trial, status)) return error_line("end: no such trial");
    if (s->watch.end) s->watch.end(s->watch.context, trial, status);
    return NULL;
}

static json_t *on_idle(struct service *s)
{
    double p = NAN;
    const char *trial = judge_idle(s->judge, &p);
    return json_pack("{s:i, s:s, s:o, s:o, s:s}", "v", 1, "event", "advice", "thaw", trial ? json_string(trial) : json_null(), "p_good", json_real_or_null(p),
                     "reason", trial ? verdict_reason_word(REASON_GOOD_CHANCE) : verdict_reason_word(REASON_HOPELESS));
}

static json_t *on_checkpoint(struct service *s, const json_t *e, const char *trial)
{
    if (s->watch.checkpoint && json_text_at(e, "path")) s->watch.checkpoint(s->watch.context, trial, json_text_at(e, "path"));
    return NULL;
}

static json_t *dispatch(struct service *s, const json_t *e)
{
    const char *event = json_text_at(e, "event"), *trial = json_text_at(e, "trial");
    if (!event) return error_line("an event needs \"event\"");
    if (!strcmp(event, "sweep")) return on_sweep(s, e);
    if (!strcmp(event, "idle")) return on_idle(s);
    if (!trial || !*trial) return error_line("this event needs \"trial\"");
    if (!strcmp(event, "start")) return on_start(s, e, trial);
    if (!strcmp(event, "log")) return on_log(s, e, trial);
    if (!strcmp(event, "end")) return on_end(s, e, trial);
    if (!strcmp(event, "checkpoint")) return on_checkpoint(s, e, trial);
    return error_line("unknown event");
}

json_t *service_line(struct service *s, const char *text, size_t length)
{
    char fault[160];
    json_t *event = json_read_object(text, length, fault, sizeof fault);
    if (!event) return error_line(fault);
    json_t *answer = dispatch(s, event);
    json_decref(event);
    return answer;
}
