#include "settings.h"

#include <math.h>
#include <stdio.h>

struct store_settings settings_given(const struct options *o)
{
    struct store_settings s = store_no_settings();
    if (o->metric) snprintf(s.metric, sizeof s.metric, "%s", o->metric);
    if (o->goal) snprintf(s.goal, sizeof s.goal, "%s", metric_goal_text(o->goal));
    if (o->learn_from) snprintf(s.learn_from, sizeof s.learn_from, "%s", o->learn_from);
    s.delta = o->delta, s.target = o->target, s.keep = o->keep, s.tolerance = o->tolerance, s.min_delta = o->min_delta;
    if (!isnan(o->worth)) s.worth = o->worth, s.delta = options_policy(o).delta;
    return s;
}

void settings_to_policy(const struct store_settings *s, struct policy *policy)
{
    if (*s->metric) policy->metric = s->metric;
    if (*s->goal) metric_goal_parse(s->goal, &policy->goal);
    if (!isnan(s->delta)) policy->delta = s->delta;
    if (!isnan(s->target)) policy->target = s->target;
    if (!isnan(s->keep)) policy->keep = (unsigned)s->keep;
    if (!isnan(s->tolerance)) policy->tolerance = s->tolerance;
    if (!isnan(s->min_delta)) policy->min_delta = s->min_delta;
    if (s->worth > 0) policy_weigh(policy, s->worth);
}
