/* service: the protocol of docs/WIRE.md over one judge. One line in, at most one line out. Shared by serve and by run's hook socket. */
#ifndef SERVICE_H
#define SERVICE_H

#include "judge/judge.h"
#include "protocol/json.h"

struct service;

/* What happened, for whoever keeps the study's memory. Any may be NULL. */
struct service_watch {
    void *context;
    void (*start)(void *context, const char *trial, double horizon, const json_t *event);
    void (*log)(void *context, const char *trial, double x, const struct judge_value *values, size_t n, const struct verdict *verdict);
    void (*end)(void *context, const char *trial, enum trial_status status);
    void (*checkpoint)(void *context, const char *trial, const char *path);
    bool dry_run; /* answer "continue" where the verdict is to stop */
};

/* judge NULL: the service makes its own from policy, anew at every "sweep" event. Otherwise it borrows judge. */
struct service *service_create(const struct policy *policy, struct judge *judge, const struct service_watch *watch);
void service_destroy(struct service *service);
json_t *service_line(struct service *service, const char *text, size_t length); /* the answer, owned by the caller; NULL: none is due */

#endif
